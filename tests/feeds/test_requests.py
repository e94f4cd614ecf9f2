"""Whatever is asked of the feeds, the answer is clear JSON and never an accident of ours."""

import time

import pytest
from django.core import signing

from gridmap.layers import ticket
from gridmap.layers.scope import Scope
from tests import town as toy
from tests.feeds.asking import Reply, ask, bearing

WHERE = "/feeds/where?city=toy&lng=117.6&lat=26.2"


def refusal(reply: Reply) -> tuple[int, str]:
    assert reply.headers["content-type"] == "application/json"
    assert reply.headers["cache-control"] == "no-store"
    assert reply.json["message"]
    return reply.status, reply.json["code"]


@pytest.mark.parametrize(
    "query",
    [
        "",
        "city=",
        "city=toy&city=toy",
        "city=to%00y",
        "city=%E6%9D%A5",
        "city=%FF",
        "city=" + "x" * 40,
        "city=toy&since=2026-13-01",
        "city=toy&since=20260101",
        "city=toy&since=2026-W05-6",
        "city=toy&since=2026-01-02&until=2026-01-01",
        "city=toy&until=NaN",
        "city=toy&category=x",
        "city=toy&category=-1",
        "city=toy&category=%D9%A3",
        "city=toy&category=" + "9" * 30,
        "city=toy&category=" + "0" * 20 + "9" * 20,
        "city=toy&category=" + "0" * 20 + "9" * 5000,
        "city=toy&category=1&category=2",
        "city=toy&format=xml",
        "&".join(f"p{n}=1" for n in range(30)),
    ],
)
def test_an_overlay_asked_for_wrongly_is_refused(leader: Scope, query: str) -> None:
    assert refusal(ask(f"/feeds/overlay?{query}", bearing(leader))) == (400, "BadValue")


@pytest.mark.parametrize(
    "place",
    [
        "lng=NaN&lat=26",
        "lng=inf&lat=26",
        "lng=1e2&lat=26",
        "lng=1_0&lat=26",
        "lng=181&lat=26",
        "lng=117&lat=-90.1",
        "lng=117",
        "lat=26",
        "lng=&lat=26",
        "lng=117&lng=117&lat=26",
        "lng=%20117&lat=26",
        "lng=%EF%BC%91&lat=26",
        "lng=117;lat=26",
        "lng=" + "1" * 400 + "&lat=26",
    ],
)
def test_a_place_that_is_none_is_refused(leader: Scope, place: str) -> None:
    reply = ask(f"/feeds/where?city=toy&{place}", bearing(leader))
    assert refusal(reply) == (400, "BadValue")


@pytest.mark.parametrize("cursor", ["x", "-1", "1.5", "9" * 25, "0" * 20 + "9" * 5000])
def test_a_cursor_that_is_none_is_refused(leader: Scope, cursor: str) -> None:
    reply = ask(f"/feeds/live?city=toy&cursor={cursor}", bearing(leader))
    assert refusal(reply) == (400, "BadValue")


@pytest.mark.parametrize("feed", ["overlay?", "where?lng=1&lat=1&", "live?"])
def test_a_city_outside_the_ticket_does_not_exist(leader: Scope, feed: str) -> None:
    for eyes, slug in ((Scope(user_id=999_999), "toy"), (leader, "nowhere")):
        assert refusal(ask(f"/feeds/{feed}city={slug}", bearing(eyes))) == (404, "OutOfScope")
    tile = f"/feeds/tiles/{toy.city().edition_name}/1/1/1.mvt"
    assert refusal(ask(tile, bearing(Scope(user_id=999_999)))) == (404, "OutOfScope")
    assert ask(tile, bearing(leader)).status == 200


@pytest.mark.parametrize("path", ["/feeds/", "/feeds/x", "/feeds/overlay/", "/feeds/..%2Fapi"])
def test_an_address_that_is_none_is_not_found(leader: Scope, path: str) -> None:
    assert refusal(ask(path, bearing(leader))) == (404, "OutOfScope")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_the_feeds_are_only_read(leader: Scope, method: str) -> None:
    reply = ask(WHERE, bearing(leader), method=method)
    assert (reply.status, reply.headers["allow"]) == (405, "GET, HEAD")


def test_nothing_is_given_without_a_ticket(leader: Scope) -> None:
    tile = f"/feeds/tiles/{toy.city().edition_name}/1/1/1.mvt"
    for address in (tile, "/feeds/overlay?city=toy", WHERE, "/feeds/live?city=toy"):
        assert refusal(ask(address)) == (401, "NoTicket")


def test_a_ticket_may_stand_in_the_address(leader: Scope) -> None:
    token = ticket.issue(leader)
    assert ask(f"/feeds/overlay?city=toy&ticket={token}").status == 200
    assert refusal(ask(f"/feeds/overlay?city=toy&ticket={token}x")) == (401, "BadTicket")


@pytest.mark.parametrize("spoilt", ["", "x", "a:b:c", "é", "." * 5000])
def test_a_ticket_not_issued_here_is_refused(leader: Scope, spoilt: str) -> None:
    token = ticket.issue(leader)
    for bad in (spoilt or token[:-2], signing.dumps({"u": 1}, salt="another")):
        reply = ask(WHERE, {"cookie": f"gridmap_ticket={bad}"})
        assert refusal(reply) == (401, "BadTicket")


def test_a_ticket_ends_also_when_it_was_seen_before(
    leader: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    bearer = bearing(leader)
    assert ask("/feeds/overlay?city=toy", bearer).status == 200
    later = time.time() + 601
    monkeypatch.setattr(time, "time", lambda: later)
    assert refusal(ask("/feeds/overlay?city=toy", bearer)) == (401, "TicketExpired")


@pytest.mark.parametrize(
    ("headers", "chinese"),
    [
        ({}, True),
        ({"accept-language": "en-GB,en;q=0.8"}, False),
        ({"accept-language": "fr, zh-CN;q=0.5"}, True),
        ({"accept-language": "*;q=x,,"}, True),
        ({"accept-language": "en", "cookie": "django_language=zh-hans"}, True),
        ({"cookie": "django_language=en"}, False),
    ],
)
def test_a_refusal_speaks_the_callers_language(
    leader: Scope, headers: dict[str, str], *, chinese: bool
) -> None:
    message = ask("/feeds/overlay", headers).json["message"]
    assert (message == "需要票据：请先登录。") is chinese
    assert message.isascii() is not chinese


def test_a_database_that_is_gone_means_try_again_soon(
    leader: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gridmap.feeds.pool.WAIT", 0.2)
    monkeypatch.setattr("gridmap.feeds.pool.conninfo", lambda: "host=/nowhere dbname=none")
    reply = ask("/feeds/overlay?city=toy", bearing(leader))
    assert refusal(reply) == (503, "Busy")
    assert reply.headers["retry-after"] == "2"
