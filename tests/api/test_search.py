"""The search box: what finds what, in which order, and what it does with odd texts."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from gridmap.layers import matching
from gridmap.layers.incidents import Incident
from gridmap.layers.places import Building
from gridmap.layers.territory import City
from tests import town as toy


def groups(client: Client, text: str) -> dict[str, list[str]]:
    """Titles by group of what a text finds."""
    answer = client.get("/api/search", {"city": "toy", "q": text})
    assert answer.status_code == 200, answer.content
    return {
        group["kind"]: [hit["title"] for hit in group["hits"]] for group in answer.json()["groups"]
    }


@pytest.mark.parametrize(
    ("text", "kind", "titles"),
    [
        ("榕树巷", "lane", ["榕树巷"]),
        ("rongshu", "lane", ["榕树巷"]),
        ("RSX", "lane", ["榕树巷"]),
        ("榕树巷", "building", ["榕树巷 1 号", "榕树巷 2 号"]),
        ("榕树巷2号", "building", ["榕树巷 2 号"]),
        ("rsx 2", "building", ["榕树巷 2 号"]),
        ("和平街", "street", ["和平街"]),
        ("hpj", "street", ["和平街"]),
        ("350404001001002", "cell", ["第二网格"]),
        ("350404001001", "cell", ["第一网格", "第二网格"]),
        ("002", "cell", ["第二网格", "第二网格"]),
        ("2", "cell", ["第二网格", "第二网格"]),
        ("第二网格", "cell", ["第二网格", "第二网格"]),
        ("jiashequ 第二", "cell", ["第二网格"]),
        ("甲社区", "community", ["甲社区"]),
        ("350404001002", "community", ["乙社区"]),
        ("林小满", "chief", ["林小满"]),
        ("lxm", "chief", ["林小满"]),
        ("fqsh", "party_unit", ["福清商会"]),
        ("bllj", "incident", ["暴露垃圾 1"]),
    ],
)
def test_what_a_text_finds(leader: Client, text: str, kind: str, titles: list[str]) -> None:
    toy.incident(50, 50)
    assert groups(leader, text).get(kind) == titles


def test_a_number_finds_its_incident(leader: Client) -> None:
    made = toy.incident(50, 50)
    assert groups(leader, made.number)["incident"] == [made.title]


def test_coordinates_in_either_order_find_the_place(leader: Client) -> None:
    place = toy.at(50, 50)
    for text in (f"{place.y:.6f},{place.x:.6f}", f"{place.x:.6f}， {place.y:.6f}"):
        (group,) = leader.get("/api/search", {"city": "toy", "q": text}).json()["groups"]
        (hit,) = group["hits"]
        assert group["kind"] == "place"
        assert hit["cell"] == toy.cell("A", 1).pk
        assert (hit["lng"], hit["lat"]) == pytest.approx((place.x, place.y), abs=1e-6)
    assert groups(leader, "10.5, 20.5") == {}


def test_a_hit_says_where_it_is(leader: Client) -> None:
    answer = leader.get("/api/search", {"city": "toy", "q": "榕树巷 1 号"}).json()
    (hit,) = answer["groups"][0]["hits"]
    building = Building.objects.get(code="B1")
    assert (hit["id"], hit["area"], hit["cell"]) == (building.pk, "甲社区", building.cell_id)
    middle = toy.at(50, 70)
    assert (hit["lng"], hit["lat"]) == pytest.approx((middle.x, middle.y), abs=2e-6)


def test_a_chief_is_shown_where_the_office_is(leader: Client) -> None:
    for text, kind in (("lxm", "street"), ("hqh", "lane"), ("sws", "building"), ("cmz", "cell")):
        (group,) = leader.get("/api/search", {"city": "toy", "q": text}).json()["groups"]
        (hit,) = group["hits"]
        assert hit["object"]["kind"] == kind
        assert hit["cell"] == toy.cell("A", 1).pk


def test_a_group_shows_five_and_tells_how_many(leader: Client) -> None:
    for _ in range(7):
        toy.incident(50, 50)
    (group,) = leader.get("/api/search", {"city": "toy", "q": "bllj"}).json()["groups"]
    assert (group["total"], len(group["hits"])) == (7, 5)


@pytest.mark.parametrize("text", ["%", "_", "\\", "'", '"', "%%", "a%b", "' OR 1=1 --", " ", ""])
def test_signs_with_a_meaning_in_sql_find_themselves(leader: Client, text: str) -> None:
    assert groups(leader, text) == {}
    Building.objects.filter(code="B4").update(name=f"x{text}y", search=f"甲{text}乙".lower())
    found = groups(leader, text).get("building", [])
    assert found == ([f"x{text}y"] if text.strip() else [])


def test_a_search_is_at_most_one_query_a_group(town: City, leader: Client) -> None:
    with CaptureQueriesContext(connection) as asked:
        answer: dict[str, Any] = leader.get("/api/search?city=toy&q=rsx").json()
    assert answer["groups"]
    assert len(asked) <= 4 + 8  # session, user, scope, city; eight groups


def test_a_text_longer_than_any_name_is_refused(leader: Client) -> None:
    assert leader.get("/api/search", {"city": "toy", "q": "榕" * 201}).status_code == 400
    assert groups(leader, "榕" * 200) == {}


def test_one_sign_is_enough_where_a_word_begins_with_it(leader: Client) -> None:
    assert groups(leader, "榕")["building"] == ["榕树巷 1 号", "榕树巷 2 号"]
    assert groups(leader, "r")["building"] == ["榕树巷 1 号", "榕树巷 2 号"]
    assert groups(leader, "rs")["building"] == ["榕树巷 1 号", "榕树巷 2 号"]


def test_where_no_word_begins_so_the_middle_of_words_is_looked_at(leader: Client) -> None:
    assert groups(leader, "树巷")["building"] == ["榕树巷 1 号", "榕树巷 2 号"]
    made = toy.incident(50, 50)
    assert groups(leader, "圾")["incident"] == [made.title]
    Incident.objects.update(state="closed", light=0, closed_at=timezone.now())
    assert "incident" not in groups(leader, "圾"), "ended ones are looked for by more than that"
    assert groups(leader, "露垃圾")["incident"] == [made.title]


def test_a_flood_of_hits_is_not_counted_to_its_end(
    leader: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(matching, "MOST", 1)
    found = leader.get("/api/search", {"city": "toy", "q": "r"}).json()["groups"]
    assert [group["total"] for group in found if group["kind"] == "building"] == [1]
