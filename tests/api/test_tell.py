"""A pasted line becomes proposals; what was reported nearby before is told while typing."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from gridmap.layers.incidents import Category, Incident, State
from gridmap.layers.journal import Entry
from gridmap.layers.places import Building
from gridmap.layers.postings import Role
from tests import town as toy


def tell(client: Client, text: str, city: str = "toy") -> Any:
    body = {"city": city, "text": text}
    return client.post("/api/tell", body, content_type="application/json")


def near(client: Client, east: float, north: float, **more: str) -> Any:
    place = toy.at(east, north)
    query: dict[str, Any] = {
        "city": "toy",
        "lng": place.x,
        "lat": place.y,
        "category": "0102",
        **more,
    }
    return client.get("/api/incidents/near", {**query, **more})


def test_a_line_names_building_chief_category_and_department(wang: Client) -> None:
    answer = tell(wang, "榕树巷1号边上有垃圾没人收，谁来看看")
    assert answer.status_code == 200
    first = answer.json()["places"][0]
    house = Building.objects.get(code="B1")
    assert (first["kind"], first["id"], first["title"]) == ("building", house.pk, "榕树巷 1 号")
    assert first["chiefs"][0] == {"office": "building", "name": "苏望舒"}
    assert first["cell"] == toy.cell("A", 1).pk
    assert first["area"] == "甲社区 · 第一网格"
    assert first["may_report"]
    (kind,) = answer.json()["categories"]
    assert (kind["code"], kind["department"]) == ("0102", "环卫")
    assert answer.json()["title"] == "榕树巷1号边上有垃圾没人收，谁来看看"


def test_a_house_is_heard_by_its_alias_and_the_door_by_its_number(wang: Client) -> None:
    Building.objects.filter(code="B2").update(aliases=["老粮站宿舍"])
    first = tell(wang, "老粮站宿舍后面路灯不亮").json()["places"][0]
    assert (first["title"], first["heard"]) == ("榕树巷 2 号", "老粮站宿舍")
    first = tell(wang, "榕树巷1号1单元门口有垃圾").json()["places"][0]
    door = toy.at(50, 60)
    assert first["door"] == 1
    assert (first["lng"], first["lat"]) == (round(door.x, 7), round(door.y, 7))


def test_the_head_of_a_message_tells_when_it_was_said_and_is_no_part_of_it(wang: Client) -> None:
    hour = (timezone.localtime() - timedelta(minutes=20)).replace(second=0, microsecond=0)
    line = "榕树巷1号边上有垃圾没人收"
    told = tell(wang, f"张三 {hour:%Y/%m/%d %H:%M}\n{line}").json()
    assert (told["text"], told["title"]) == (line, line)
    assert datetime.fromisoformat(told["said_at"]) == hour
    assert told["places"] == tell(wang, line).json()["places"]
    assert tell(wang, line).json()["said_at"] is None


def test_a_report_keeps_when_it_was_said(wang: Client) -> None:
    said = (timezone.now() - timedelta(minutes=20)).replace(microsecond=0)
    place = toy.at(50, 50)
    body = {
        "city": "toy", "title": "有垃圾", "category": "0102", "source": "wechat",
        "place": {"type": "Point", "coordinates": [place.x, place.y]},
        "said_at": said.isoformat(),
    }  # fmt: skip
    made = wang.post("/api/incidents", body, content_type="application/json")
    assert made.status_code == 201
    assert datetime.fromisoformat(made.json()["properties"]["said_at"]) == said
    to_come = {**body, "said_at": (timezone.now() + timedelta(hours=1)).isoformat()}
    refused = wang.post("/api/incidents", to_come, content_type="application/json")
    assert refused.status_code == 400
    assert "最近 30 天" in refused.json()["message"]
    assert Incident.objects.count() == 1


def test_a_place_in_anothers_area_is_named_and_cannot_be_reported(wang: Client) -> None:
    (first, *_) = tell(wang, "石坎巷3号有垃圾").json()["places"]
    assert (first["title"], first["may_report"]) == ("石坎巷 3 号", False)


def test_a_line_about_nothing_proposes_nothing_and_nothing_is_kept(wang: Client) -> None:
    answer = tell(wang, "大家晚上好")
    assert answer.json()["places"] == answer.json()["categories"] == []
    assert Incident.objects.count() == Entry.objects.count() == 0


def test_a_line_is_refused_by_its_reason(wang: Client) -> None:
    assert tell(wang, "").status_code == 400
    assert tell(wang, "x" * 501).status_code == 400
    assert tell(wang, "榕树巷", city="nowhere").status_code == 404
    assert tell(Client(), "榕树巷").status_code == 401
    planner = Client()
    planner.force_login(toy.posted("planner", role=Role.PLANNER))
    assert not tell(planner, "榕树巷1号").json()["places"][0]["may_report"]


def test_a_long_line_is_cut_where_it_pauses(wang: Client) -> None:
    title = tell(wang, "榕树巷1号门口垃圾已经好几天没有人来收了，" + "味道很大" * 20).json()[
        "title"
    ]
    assert title == "榕树巷1号门口垃圾已经好几天没有人来收了"


def test_an_open_matter_of_the_same_kind_within_sixty_metres_is_told(wang: Client) -> None:
    close = toy.incident(50, 50, title="一袋垃圾", address="榕树巷 1 号")
    toy.incident(50, 50, state=State.CLOSED, light=0, closed_at="2030-01-01T00:00:00Z")
    toy.incident(50, 115)  # beyond sixty metres
    (found,) = near(wang, 50, 40).json()["incidents"]
    assert (found["id"], found["title"], found["metres"]) == (close.pk, "一袋垃圾", 10)
    assert (found["same"], found["address"], found["light"]) == (True, "榕树巷 1 号", "ok")


def test_a_matter_of_the_same_class_is_told_after_one_of_the_same_category(wang: Client) -> None:
    nearer, same, elsewhere = toy.incident(50, 41), toy.incident(50, 60), toy.incident(50, 40)
    city = toy.city()
    above = Category.objects.create(city=city, code="01", name="市容环境", kind="event")
    Category.objects.filter(code="0102").update(parent=above)
    kin = Category.objects.create(city=city, code="0103", name="渣土", kind="event", parent=above)
    other = Category.objects.create(city=city, code="0201", name="违停", kind="event")
    Incident.objects.filter(pk=nearer.pk).update(category=kin)
    Incident.objects.filter(pk=elsewhere.pk).update(category=other)
    told = near(wang, 50, 40).json()["incidents"]
    assert [row["id"] for row in told] == [same.pk, nearer.pk]
    assert [row["same"] for row in told] == [True, False]


def test_what_lies_near_but_in_anothers_area_is_not_told(wang: Client, leader: Client) -> None:
    toy.incident(210, 50)
    assert near(wang, 190, 50).json()["incidents"] == []
    assert len(near(leader, 190, 50).json()["incidents"]) == 1


@pytest.mark.parametrize(
    "wrong", [{"category": "none"}, {"lng": "x"}, {"lat": "91"}, {"radius": "5"}]
)
def test_a_question_that_cannot_be_answered_is_refused(wang: Client, wrong: dict[str, str]) -> None:
    assert near(wang, 50, 50, **wrong).status_code == 400


def test_the_number_of_queries_does_not_grow_with_what_is_near(wang: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert near(wang, 50, 50).status_code == 200
        return len(seen)

    toy.incident(50, 50)
    near(wang, 50, 50)
    one = queries()
    for _ in range(4):
        toy.incident(51, 50)
    assert queries() == one


def test_a_crowd_of_others_hides_nothing_and_equals_keep_their_order(wang: Client) -> None:
    """Beside the border: what lies in the other community is not counted before it is left out."""
    for n in range(60):
        toy.incident(205 + n % 10, 50)  # B's
    own = [toy.incident(180, 50).pk for _ in range(3)]
    for _ in range(3):
        assert [one["id"] for one in near(wang, 200, 50).json()["incidents"]] == own
