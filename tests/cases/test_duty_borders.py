"""Ground on which nobody has ruled, and grounds to rule on; the second case is not returned."""

from __future__ import annotations

from uuid import uuid4

import pytest
import shapely
from django.contrib.auth.models import User
from django.contrib.gis.geos import GEOSGeometry
from django.test import Client
from django.utils import timezone

from gridmap.errors import BadGeometry
from gridmap.layers.catalogue import Authority
from gridmap.layers.duty_borders import borders
from gridmap.layers.grounds import candidates, drawn, metres
from gridmap.layers.incidents import Category
from gridmap.layers.rulings import JointTask, Ruling
from gridmap.pages.dispute_map import corners, frame_of
from gridmap.pages.picture import UNITS
from tests import town as toy
from tests.cases.conftest import Office
from tests.cases.test_disputes import returned_twice, rubbish, sanitation, split_matrix, urban


def client(name: str) -> Client:
    found = Client()
    found.force_login(User.objects.get(username=name))
    return found


def test_a_strip_lies_where_two_departments_meet_and_nowhere_else(office: Office) -> None:
    scope, now = office.eyes["duty"], timezone.now()
    assert borders(scope, office.town, now) == []
    split_matrix()
    (strip,) = borders(scope, office.town, now)
    assert {row.name for row in strip.communities} == {"甲社区", "乙社区"}
    assert {row.code for row in strip.departments} == {"sanitation", "urban"}
    assert [row.pk for row in strip.categories] == [rubbish().pk]
    on_it, off_it = toy.at(200, 50), toy.at(100, 50)
    assert strip.geometry.covers(shapely.Point(on_it.x, on_it.y))
    assert not strip.geometry.covers(shapely.Point(off_it.x, off_it.y))
    # 15 m to each side of a border of 100 m.
    whole = GEOSGeometry(strip.geometry.wkt, srid=4326)
    area = whole.transform(4548, clone=True).area
    assert area == pytest.approx(3000, rel=0.02)


def test_what_was_ruled_on_leaves_the_strip(office: Office) -> None:
    split_matrix()
    scope, now = office.eyes["duty"], timezone.now()
    Ruling.objects.create(
        city=office.town, category=rubbish(), department=urban(), why="红线图",
        geom=toy.box(170, 0, 60, 50), valid=toy.ALWAYS,
    )  # fmt: skip
    (strip,) = borders(scope, office.town, now)
    south, north = toy.at(200, 25), toy.at(200, 75)
    assert not strip.geometry.covers(shapely.Point(south.x, south.y))
    assert strip.geometry.covers(shapely.Point(north.x, north.y))
    other = Category.objects.exclude(pk=rubbish().pk).filter(city=office.town).first()
    assert other is not None
    assert borders(scope, office.town, now, other.pk) == []
    Ruling.objects.create(
        city=office.town, category=rubbish(), department=urban(), why="红线图",
        geom=toy.box(170, 51, 60, 60), valid=toy.ALWAYS,
    )  # fmt: skip
    (left,) = borders(scope, office.town, now)  # one metre between the two rulings
    assert left.geometry.area < strip.geometry.area / 5


def test_what_nobody_has_is_shown_where_it_is_asked_for_or_somebody_has_it_elsewhere(
    office: Office,
) -> None:
    kind = Category.objects.create(city=office.town, code="X-9", name="无主", kind="event")
    scope, now = office.eyes["duty"], timezone.now()
    assert borders(scope, office.town, now) == []
    found = borders(scope, office.town, now, kind.pk)
    assert [(one.nobody, [row.name for row in one.communities]) for one in found] == [
        (True, ["甲社区"]), (True, ["乙社区"]),
    ]  # fmt: skip
    Authority.objects.create(
        category=kind, community=toy.community("A"),
        department=urban(), source="三定方案", valid=toy.ALWAYS,
    )  # fmt: skip
    (left,) = borders(scope, office.town, now)
    assert [row.name for row in left.communities] == ["乙社区"]


def test_the_api_tells_the_strips_and_asks_for_a_city(office: Office) -> None:
    split_matrix()
    duty = client("duty")
    told = duty.get("/api/duty-borders?city=toy").json()
    assert told["type"] == "FeatureCollection"
    (feature,) = told["features"]
    assert feature["geometry"]["type"] == "MultiPolygon"
    assert feature["properties"]["categories"] == ["暴露垃圾"]
    assert feature["id"] == "-".join(str(row["id"]) for row in feature["properties"]["communities"])
    for query in ("", "city=toy&category=x", "city=toy&mood=1"):
        assert duty.get(f"/api/duty-borders?{query}").status_code == 400, query
    assert duty.get("/api/duty-borders?city=nowhere").status_code == 404
    assert duty.get("/api/duty-borders?city=toy&category=999").json()["features"] == []


def test_every_ground_offered_holds_the_place_and_keeps_off_other_rulings(office: Office) -> None:
    case = returned_twice(office)
    place = metres(case.city, case.place)
    offered = candidates(case)
    assert {"around", "wide", "cell"} <= set(offered)
    assert all(ground.covers(place) for ground in offered.values())
    ruling = Ruling.objects.create(
        city=office.town, category=rubbish(), department=urban(), why="早先",
        geom=toy.box(60, 30, 30, 30), valid=toy.ALWAYS,
    )  # fmt: skip
    taken = metres(case.city, ruling.geom)
    for ground in candidates(case).values():
        assert ground.covers(place)
        assert ground.intersection(taken).area == 0


@pytest.mark.parametrize(
    ("points", "word"),
    [([(0, 0), (9, 0)], "三个角"), ([(0, 0), (9, 9), (9, 0), (0, 9)], "相交"),
     ([(0, 0), (1, 0), (0, 1)], "太小"), ([(0, 0), (9e4, 0), (0, 9e4)], "太大"),
     ([(n, n * n) for n in range(201)], "三个角")],
)  # fmt: skip
def test_a_ground_drawn_badly_is_named(points: list[tuple[float, float]], word: str) -> None:
    with pytest.raises(BadGeometry, match=word):
        drawn(points)


def rule_form(**said: str) -> dict[str, str]:
    return {"ground": "around", "department": str(urban().pk), "why": "红线图，文号 3",
            "client_id": str(uuid4()), **said}  # fmt: skip


def test_the_page_rules_and_the_second_case_there_has_no_return(office: Office) -> None:
    case = returned_twice(office)
    task = JointTask.objects.get(incident=case)
    duty, page = client("duty"), f"/disputes/{task.pk}"
    listed = duty.get("/disputes").content.decode()
    assert page in listed
    assert "联合会勘" in duty.get(f"/cases/{case.number}").content.decode()
    assert 'name="ground" value="around"' in duty.get(page).content.decode()
    form = rule_form()
    assert duty.post(page, form).status_code == 302
    assert duty.post(page, form).status_code == 302, "sent twice"
    ruling = Ruling.objects.get()
    assert ruling.geom.covers(case.place)
    case.refresh_from_db()
    assert (case.state, case.department) == ("dispatched", urban())
    second = office.report()
    office.act(second, "verify", "cadre", finding=True)
    office.act(second, "file", "duty")
    second.refresh_from_db()
    assert (second.state, second.department, second.returns) == ("dispatched", urban(), 0)
    text = duty.get(page).content.decode()
    assert "红线图，文号 3" in text
    assert f"ruling={ruling.pk}" in text
    assert duty.get("/api/duty-borders?city=toy").json()["features"] == []


def test_a_ground_drawn_on_the_map_is_the_ground_ruled_on(office: Office) -> None:
    case = returned_twice(office)
    task = JointTask.objects.get(incident=case)
    frame = frame_of(case)
    place = metres(case.city, case.place)
    scale = UNITS / frame.width
    x, y = (place.x - frame.west) * scale, (frame.south + frame.height - place.y) * scale
    square = [(x - 40, y - 40), (x + 40, y - 40), (x + 40, y + 40), (x - 40, y + 40)]
    said = " ".join(f"{a:.1f},{b:.1f}" for a, b in square)
    assert shapely.Polygon(corners(case, said)).covers(place)
    duty, page = client("duty"), f"/disputes/{task.pk}"
    beside = " ".join(f"{a + 200:.1f},{b:.1f}" for a, b in square)
    for wrong, word in (
        (beside, "地点"), ("1,1 2,2", "三个角"), ("x,y", "表单不完整"),
        ("1e99,1 2,2 3,3", "表单不完整"), ("nan,1 2,2 3,3", "表单不完整"),
    ):  # fmt: skip
        answer = duty.post(page, rule_form(ground="drawn", drawn=wrong))
        assert answer.status_code == 422, wrong
        assert word in answer.content.decode()
    assert not Ruling.objects.exists()
    assert duty.post(page, rule_form(ground="drawn", drawn=said)).status_code == 302
    area = Ruling.objects.get().geom.transform(4548, clone=True).area
    assert area == pytest.approx((80 / scale) ** 2, rel=0.01)


def test_a_ruling_at_the_other_end_of_the_city_does_not_spoil_the_map(office: Office) -> None:
    task = JointTask.objects.get(incident=returned_twice(office))
    Ruling.objects.create(
        city=office.town, category=rubbish(), department=urban(), why="远处",
        geom=toy.box(-900, -900, 30, 30), valid=toy.ALWAYS,
    )  # fmt: skip
    answer = client("duty").get(f"/disputes/{task.pk}")
    assert answer.status_code == 200
    assert 'class="ruled"' not in answer.content.decode()


def test_bad_forms_rule_nothing(office: Office) -> None:
    task = JointTask.objects.get(incident=returned_twice(office))
    duty, page = client("duty"), f"/disputes/{task.pk}"
    for said in ({"why": " "}, {"department": "x"}, {"department": "9999"}, {"ground": "moon"},
                 {"client_id": "x"}):  # fmt: skip
        assert duty.post(page, rule_form(**said)).status_code == 422, said
    assert not Ruling.objects.exists()


def test_who_may_not_rule_sees_who_does_and_who_has_no_part_sees_nothing(office: Office) -> None:
    task = JointTask.objects.get(incident=returned_twice(office))
    page = f"/disputes/{task.pk}"
    cadre = client("cadre")
    text = cadre.get(page).content.decode()
    assert "等待值班长或街道领导现场确权" in text
    assert 'name="ground"' not in text
    assert cadre.post(page, rule_form()).status_code == 403
    assert client("cadre_b").get(page).status_code == 404
    assert client("planner").get("/disputes").status_code == 404
    assert not Ruling.objects.exists()


def test_a_ruling_is_ended_from_the_list_with_a_reason(office: Office) -> None:
    ruling = Ruling.objects.create(
        city=office.town, category=rubbish(), department=sanitation(), why="早先",
        geom=toy.box(60, 30, 30, 30), valid=toy.ALWAYS,
    )  # fmt: skip
    leader = client("leader")
    assert "结束这条确权" in leader.get("/disputes").content.decode()
    assert "结束这条确权" not in client("cadre").get("/disputes").content.decode()
    address = f"/disputes/rulings/{ruling.pk}/end"
    assert "理由" in leader.post(address, {"why": ""}, follow=True).content.decode()
    assert leader.post(address, {"why": "移交"}).status_code == 302
    ruling.refresh_from_db()
    assert ruling.valid.upper is not None
    assert "已经结束" in leader.post(address, {"why": "x"}, follow=True).content.decode()
    assert leader.post("/disputes/rulings/999/end", {"why": "x"}).status_code == 404
    assert client("cadre").post(address, {"why": "x"}).status_code == 403
