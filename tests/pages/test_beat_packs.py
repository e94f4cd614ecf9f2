"""Beat packs: made, fetched, withdrawn; what comes back is taken once, from good packs alone."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from xml.etree import ElementTree as ET

import pytest
from django.test import Client
from django.utils import timezone

from gridmap.layers.incidents import Incident
from gridmap.layers.journal import Entry
from gridmap.layers.packs import BeatPack, seal_of
from gridmap.layers.patrols import Visit
from gridmap.layers.places import Building, Entrance, Lane, Stretch
from gridmap.layers.postings import Role
from gridmap.layers.territory import City
from tests import town as toy
from tests.api.test_naughty import NAUGHTY


@pytest.fixture
def walker(client: Client, town: City) -> Client:
    """A patrol of community A, signed in."""
    client.force_login(toy.posted("walker", role=Role.PATROL))
    return client


@pytest.fixture
def cadre(town: City) -> Client:
    """The cadre of community A, signed in elsewhere."""
    client = Client()
    client.force_login(toy.posted("cadre", "A"))
    return client


@pytest.fixture
def pack(walker: Client) -> BeatPack:
    """The pack the walker has made."""
    answer = walker.post("/beat/packs/make", {"beat": "mine", "days": "7"})
    assert answer.status_code == 302
    return BeatPack.objects.get()


def code(pack: BeatPack, rows: list[list[object]], phone: str = "f00d", seal: str = "") -> str:
    """What the script of a pack gives back (held to this by tests/browser/test_beat_pack.py)."""
    payload = base64.urlsafe_b64encode(json.dumps({"d": phone, "n": rows}).encode()).decode()
    payload = payload.rstrip("=")
    uid = base64.urlsafe_b64encode(pack.uid.bytes).decode().rstrip("=")
    return f"GMP1.{uid}.{payload}.{seal or seal_of(pack.secret, payload)}"


def twenty() -> list[list[object]]:
    """Twenty things done an hour ago."""
    now = int(timezone.now().timestamp()) - 3600
    lane = Stretch.objects.get(code="L1-1", side="left").pk
    door = Entrance.objects.get(building__code="B2").pk
    return [
        [n, "s", lane, now + n, ""] if n % 2 else [n, "e", door, now + n, "楼道堆物"]
        for n in range(20)
    ]


def test_the_same_results_twice_are_twenty_rows(walker: Client, pack: BeatPack) -> None:
    text = code(pack, twenty())
    first = walker.post("/beat/results", {"text": text})
    assert "新记下 20 条" in first.content.decode()
    again = walker.post("/beat/results", {"text": f"  {text[:40]}\n{text[40:]} "})
    assert "新记下 0 条，早已有 20 条" in again.content.decode()
    assert Visit.objects.count() == 20
    assert Visit.objects.filter(note="楼道堆物").count() == 10
    assert list(
        Entry.objects.filter(verb="import_results").values_list("subject_id", flat=True)
    ) == [pack.pk]


def test_another_phone_with_the_same_pack_is_another_row(walker: Client, pack: BeatPack) -> None:
    rows = twenty()[:1]
    for phone in ("one", "two", "one"):
        walker.post("/beat/results", {"text": code(pack, rows, phone)})
    assert Visit.objects.count() == 2


def test_a_report_in_a_pack_becomes_an_incident_once(walker: Client, pack: BeatPack) -> None:
    place = toy.at(50, 50)
    rows: list[list[object]] = [
        [1, "r", 0, int(timezone.now().timestamp()), "井盖松了", place.x, place.y, "0102"]
    ]
    for _ in range(2):
        assert walker.post("/beat/results", {"text": code(pack, rows)}).status_code == 200
    found = Incident.objects.get(source="patrol")
    assert (found.title, found.cell) == ("井盖松了", toy.cell("A", 1))


def test_what_cannot_be_taken_is_told_and_the_rest_is_taken(walker: Client, pack: BeatPack) -> None:
    foreign = Stretch.objects.get(code="L2-1").pk
    now = int(timezone.now().timestamp())
    rows: list[list[object]] = [[99, "s", foreign, now, ""], *twenty()[1:3]]
    page = walker.post("/beat/results", {"text": code(pack, rows)}).content.decode()
    assert "新记下 2 条，早已有 0 条，没收下 1 条" in page
    assert Visit.objects.count() == 2


@pytest.mark.parametrize("text", ["", "GMP1", "GMP1.x.y.z", "hello", "GMP1.AAAA.e30.", "\0", "𝔾"])
def test_nonsense_is_refused_in_words(walker: Client, pack: BeatPack, text: str) -> None:
    answer = walker.post("/beat/results", {"text": text})
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()


def test_forged_changed_ended_and_withdrawn_results_are_refused(
    walker: Client, pack: BeatPack
) -> None:
    good = code(pack, twenty())
    head, uid, payload, seal = good.split(".")
    other = base64.urlsafe_b64encode(json.dumps({"d": "x", "n": []}).encode()).decode().rstrip("=")
    for text in (
        code(pack, twenty(), seal="A" * 22),
        f"{head}.{uid}.{other}.{seal}",
        f"{head}.{uid}.{payload[:-4]}.{seal}",
    ):
        answer = walker.post("/beat/results", {"text": text})
        assert (answer.status_code, "被改动过" in answer.content.decode()) == (422, True)
    BeatPack.objects.update(
        made_at=timezone.now() - timedelta(days=9), until=timezone.now() - timedelta(days=2)
    )
    assert "已过期" in walker.post("/beat/results", {"text": good}).content.decode()
    BeatPack.objects.update(until=timezone.now() + timedelta(days=2))
    walker.post(f"/beat/packs/{pack.uid}/withdraw")
    assert "已作废" in walker.post("/beat/results", {"text": good}).content.decode()
    assert Visit.objects.count() == 0
    BeatPack.objects.update(withdrawn_at=None)
    walker.post("/beat/results", {"text": good})
    assert Visit.objects.count() == 20, "the control: nothing but the pack was wrong"


def test_rows_that_are_none_are_refused_whole(walker: Client, pack: BeatPack) -> None:
    now = int(timezone.now().timestamp())
    for row in ([1], [1, "x", 1, now], [1, "s", "a", now], [1, "s", -1, now], [1, "s", 1, 0],
                [1, "r", 0, now, "", float("nan"), 1.0, "0102"], [1, "s", 1, 1e300], "s", None,
                [1, "s", 1, now, "a\0b"]):  # fmt: skip
        text = code(pack, [row, *twenty()])  # type: ignore[list-item]
        assert walker.post("/beat/results", {"text": text}).status_code == 422, row
    assert Visit.objects.count() == 0


def test_who_has_no_business_there_does_not_learn_of_a_pack(
    walker: Client, pack: BeatPack, cadre: Client
) -> None:
    stranger = Client()
    stranger.force_login(toy.posted("stranger", "B"))
    for form in ("html", "gpx", "pdf"):
        assert stranger.get(f"/beat/packs/{pack.uid}.{form}").status_code == 404
        assert cadre.get(f"/beat/packs/{pack.uid}.{form}").status_code == 200
    assert stranger.post(f"/beat/packs/{pack.uid}/withdraw").status_code == 404
    told = stranger.post("/beat/results", {"text": code(pack, twenty())})
    assert (told.status_code, Visit.objects.count()) == (422, 0)
    assert "没有这个离线包" in told.content.decode()
    assert stranger.post("/beat/packs/make", {"beat": "mine"}).status_code == 404


@pytest.mark.parametrize("days", ["0", "32", "-1", "x", "", "1e3"])
def test_a_pack_is_good_for_a_month_at_most(walker: Client, days: str) -> None:
    walker.post("/beat/packs/make", {"beat": "mine", "days": days})
    assert BeatPack.objects.count() == 0


def test_the_cadre_makes_packs_for_the_teams_of_the_community(cadre: Client) -> None:
    page = cadre.get("/beat/packs").content.decode()
    assert "甲社区巡防队" in page
    value = page.split('<option value="')[1].split('"')[0]
    cadre.post("/beat/packs/make", {"beat": value, "days": "3"})
    pack = BeatPack.objects.get()
    assert sorted(pack.cells) == sorted([toy.cell("A", 1).pk, toy.cell("A", 2).pk])
    assert pack.title in cadre.get("/beat/packs").content.decode()


@pytest.mark.parametrize("text", [*NAUGHTY, "{{ 7*191 }}", "{% raw %}", "]]></name><evil>"])
def test_every_form_of_a_pack_bears_every_string(walker: Client, pack: BeatPack, text: str) -> None:
    for things in (Building.objects, Lane.objects):
        things.update(**{"address" if things.model is Building else "name": text[:80]})
    BeatPack.objects.update(title=text)
    toy.incident(50, 50, title=text)
    page = walker.get(f"/beat/packs/{pack.uid}.html")
    assert page.status_code == 200
    body = page.content.decode()
    assert "1337" not in body.replace(str(pack.uid), "")
    assert "<script>alert(1)" not in body
    gpx = walker.get(f"/beat/packs/{pack.uid}.gpx").content
    assert b"<evil>" not in gpx
    assert len(ET.fromstring(gpx)) > 3  # noqa: S314 - our own file
    assert walker.get(f"/beat/packs/{pack.uid}.pdf").content.startswith(b"%PDF")


def test_a_pack_tells_nothing_of_whoever_reported(walker: Client, pack: BeatPack) -> None:
    case = toy.incident(50, 50, title="rubbish 77", text="我家住三楼，电话 13800000000")
    for form in ("html", "gpx"):
        body = walker.get(f"/beat/packs/{pack.uid}.{form}").content.decode()
        assert case.title in body
        assert "13800000000" not in body
        assert "苏望舒" not in body, "nor of who answers"
