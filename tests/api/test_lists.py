"""Lists: what is in them, what narrows them, and what they cost."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from gridmap.layers.incidents import State
from gridmap.layers.patrols import Visit
from gridmap.layers.places import Building, Entrance, Lane, Street, Stretch
from gridmap.layers.territory import City, Community, PlaceCode
from tests import town as toy

FEATURES = [
    "subdistricts", "communities", "cells", "ground", "streets", "lanes", "stretches", "buildings",
    "party-units", "incidents",
]  # fmt: skip
ROWS = ["teams", "chief-terms", "loads"]


def codes(client: Client, address: str) -> list[str]:
    """The codes of the features in a list."""
    answer = client.get(address)
    assert answer.status_code == 200, answer.content
    return [feature["properties"]["code"] for feature in answer.json()["features"]]


def refused(client: Client, address: str, status: int = 400) -> dict[str, Any]:
    """The refusal that an address is answered with."""
    answer = client.get(address)
    assert answer.status_code == status, answer.content
    body: dict[str, Any] = answer.json()
    assert body["message"]
    return body


def box(west: float, south: float, east: float, north: float) -> str:
    """A bbox between two places in metres from ORIGIN."""
    low, high = toy.at(west, south), toy.at(east, north)
    return f"{low.x:.9f},{low.y:.9f},{high.x:.9f},{high.y:.9f}"


@pytest.mark.parametrize("name", ["cities", *FEATURES, *ROWS])
def test_a_list_takes_as_many_queries_for_many_rows_as_for_one(leader: Client, name: str) -> None:
    for east in (50, 150, 250):
        toy.incident(east, 50)
    with CaptureQueriesContext(connection) as few:
        leader.get(f"/api/{name}", {} if name == "cities" else {"page_size": 1})
    with CaptureQueriesContext(connection) as many:
        leader.get(f"/api/{name}")
    assert len(many) == len(few)
    assert len(many) <= 4  # session, user, scope, rows


def test_whoever_is_not_signed_in_is_told_so_in_json(town: City) -> None:
    for name in (*FEATURES, *ROWS):
        for address in (f"/api/{name}", f"/api/{name}/1"):
            assert refused(Client(), address, 401)["code"] == "NotSignedIn"


def test_the_cities_of_the_caller_with_what_a_map_needs(leader: Client) -> None:
    (city,) = leader.get("/api/cities").json()
    assert city["slug"] == "toy"
    assert city["edition"] == toy.city().edition_name
    assert len(city["bbox"]) == 4
    assert city["demo"] is True
    assert leader.get("/api/cities/toy").json() == city
    assert refused(leader, "/api/cities/elsewhere", 404)["code"] == "OutOfScope"


def test_a_box_holds_whatever_overlaps_it(leader: Client) -> None:
    small = box(45, 62, 47, 64)  # inside building 1
    assert codes(leader, f"/api/buildings?bbox={small}") == ["B1"]
    assert codes(leader, f"/api/cells?bbox={small}") == ["350404001001001"]
    assert codes(leader, f"/api/buildings?bbox={box(0, 0, 199, 99)}") == ["B1", "B2"]
    assert codes(leader, f"/api/buildings?bbox={box(80, 0, 120, 20)}") == []


def test_a_box_that_is_none_is_refused_and_named(leader: Client) -> None:
    for written in (
        "1", "1,2,3", "1,2,3,4,5", "a,b,c,d", "nan,1,2,3", "1,2,inf,4", "3,1,1,2", "1,3,2,1",
        "1e999,0,2,2", "-181,0,0,1", "0,-91,1,1",
    ):  # fmt: skip
        assert "bbox" in refused(leader, f"/api/buildings?bbox={written}")["message"]
    assert leader.get("/api/buildings?bbox=").status_code == 200  # empty: not given


def test_areas_are_named_by_code_or_id(leader: Client) -> None:
    b = toy.community("B")
    subdistrict = b.subdistrict
    for named in (b.pk, b.code):
        assert codes(leader, f"/api/buildings?community={named}") == ["B3", "B4"]
        assert codes(leader, f"/api/lanes?community={named}") == ["L2"]
        assert codes(leader, f"/api/streets?community={named}") == ["S1"]  # by buildings 3 and 4
    for named in (subdistrict.pk, subdistrict.code):
        assert len(codes(leader, f"/api/cells?subdistrict={named}")) == 4
    a1 = toy.cell("A", 1).pk
    assert codes(leader, f"/api/buildings?cell={a1}") == ["B1"]
    assert codes(leader, f"/api/lanes?cell={a1}") == ["L1"]
    assert codes(leader, f"/api/streets?cell={a1}") == ["S1"]
    assert codes(leader, "/api/party-units?kind=chamber") == ["P1"]
    assert codes(leader, "/api/party-units?kind=school") == []


UNUSABLE = [
    ("cells?knid=basic", "knid"),
    ("cells?kind=round", "kind"),
    ("cells?community=A", "community"),
    ("cells?community=99999999999999999999", "community"),
    ("cells?as_of=yesterday", "as_of"),
    ("cells?as_of=2026-02-30", "as_of"),
    ("cells?as_of=0001-01-01", "as_of"),
    ("cells?code=%00", "NUL"),
    ("cells?city=toy&city=toy", "city"),
    ("cells?fields=code,colour", "colour"),
    ("cells?fields=labels", "city"),
    ("cells?page_size=0", "page_size"),
    ("cells?page_size=5001", "page_size"),
    ("cells?page_size=٣", "page_size"),
    ("cells?cursor=abc", "cursor"),
    ("cells?count=maybe", "count"),
    ("incidents?light=green", "light"),
    ("incidents?open=perhaps", "open"),
    ("incidents?since=2026-13-01", "since"),
    ("incidents?order=worst", "order"),
    ("histogram", "city"),
    ("histogram?city=toy&since=2026-02-02&until=2026-02-01", "since"),
    ("search?q=x", "city"),
    ("freshness?city=toy&bbox=1,2", "bbox"),
    ("freshness?city=toy&bbox=117.6,26.2,117.66,26.21", "0.05"),
    ("standing/summary?city=toy&community=B", "community"),
    ("standing/summary", "city"),
]


def test_a_parameter_that_cannot_be_used_is_named(leader: Client) -> None:
    for address, word in UNUSABLE:
        refusal = refused(leader, f"/api/{address}")
        assert refusal["code"] == "BadValue"
        assert word in refusal["message"], address


def test_a_refusal_speaks_the_callers_language(leader: Client) -> None:
    address = "/api/cells?as_of=yesterday"
    chinese = leader.get(address, headers={"accept-language": "zh-hans"}).json()["message"]
    english = leader.get(address, headers={"accept-language": "en"}).json()["message"]
    assert "参数" in chinese
    assert english.isascii()


def test_fields_choose_what_a_feature_says(leader: Client) -> None:
    (first, *_) = leader.get("/api/buildings?fields=code,floors").json()["features"]
    assert first["properties"] == {"code": "B1", "floors": 6}
    one = leader.get(f"/api/buildings/{first['id']}?fields=code").json()
    assert one["properties"] == {"code": "B1"}
    assert one["geometry"] == first["geometry"]


def test_a_building_tells_its_latest_count(leader: Client) -> None:
    features = leader.get("/api/buildings").json()["features"]
    assert [f["properties"]["headcount"]["households"] for f in features] == [100, 200, 300, 400]


@pytest.mark.parametrize("name", ["buildings", "cells", "stretches", "chief-terms"])
def test_pages_neither_lose_nor_repeat_a_row(leader: Client, name: str) -> None:
    key = "results" if name in ROWS else "features"
    whole = [row["id"] for row in leader.get(f"/api/{name}").json()[key]]
    assert len(whole) >= 4
    seen: list[int] = []
    address: str | None = f"/api/{name}?page_size=1&count=true"
    while address:
        page = leader.get(address).json()
        assert page["total"] == len(whole)
        seen += [row["id"] for row in page[key]]
        address = page["next"]
    assert seen == whole


def test_a_page_goes_on_after_the_last_row_although_others_write(leader: Client) -> None:
    made = [toy.incident(50, 50).pk for _ in range(4)]
    first = leader.get("/api/incidents?order=newest&page_size=2").json()
    toy.incident(50, 50)  # would shift every later row by one, were pages counted
    second = leader.get(first["next"]).json()
    seen = [row["id"] for page in (first, second) for row in page["features"]]
    assert seen == made[::-1]


def test_a_cursor_of_another_order_is_refused(leader: Client) -> None:
    for _ in range(2):
        toy.incident(50, 50)
    following = leader.get("/api/incidents?page_size=1").json()["next"]
    assert "cursor" in refused(leader, f"{following}&order=newest")["message"]


def test_incidents_are_sorted_by_urgency(leader: Client) -> None:
    now = timezone.now()
    hours = timedelta(hours=1)
    later = toy.incident(50, 50, due=now + 9 * hours, soon_at=now + 8 * hours)
    sooner = toy.incident(50, 50, due=now + 5 * hours, soon_at=now + 4 * hours)
    parked = toy.incident(50, 50, parked=True)
    endless = toy.incident(50, 50, due=None, soon_at=None)
    late = toy.incident(50, 50, due=now - hours, soon_at=now - 2 * hours)
    ended = toy.incident(50, 50, state=State.CLOSED, closed_at=now)
    features: list[dict[str, Any]] = []
    address: str | None = "/api/incidents?page_size=2"
    while address:
        page = leader.get(address).json()
        features += page["features"]
        address = page["next"]
    expected = [late, sooner, later, endless, parked, ended]
    assert [feature["id"] for feature in features] == [incident.pk for incident in expected]
    lights = [feature["properties"]["light"] for feature in features]
    assert lights == ["late", "ok", "ok", "ok", "parked", None]


def test_incidents_are_chosen_by_cell_light_day_and_department(leader: Client) -> None:
    now = timezone.now()
    old = toy.incident(50, 50, reported_at=now - timedelta(days=9), filed_at=None)
    late = toy.incident(150, 50, due=now - timedelta(hours=1), soon_at=now - timedelta(hours=2))
    ended = toy.incident(250, 50, state=State.CLOSED, closed_at=now)

    def ids(query: str) -> set[int]:
        answer = leader.get(f"/api/incidents?city=toy&{query}").json()
        return {feature["id"] for feature in answer["features"]}

    today = timezone.localdate()
    assert ids("light=late") == {late.pk}
    assert ids("open=true") == {old.pk, late.pk}
    assert ids("open=false") == {ended.pk}
    assert ids(f"cell={toy.cell('A', 2).pk}") == {late.pk}
    assert ids(f"community={toy.community('B').code}") == {ended.pk}
    assert ids(f"since={today}") == {late.pk, ended.pk}
    assert ids(f"until={today - timedelta(days=1)}") == {old.pk}
    assert ids(f"until={today}") == {old.pk, late.pk, ended.pk}
    assert ids(f"category={old.category_id}") == {old.pk, late.pk, ended.pk}
    assert ids(f"department={old.department_id}&light=ok") == {old.pk}
    assert ids(f"bbox={box(140, 40, 160, 60)}") == {late.pk}


def test_a_cell_is_shown_as_it_was(leader: Client) -> None:
    edition = toy.cell("A", 1).editions.get()
    moment = datetime(2025, 6, 1, tzinfo=UTC)
    assert codes(leader, "/api/cells?as_of=2023-06-01") == []
    assert edition.code in codes(leader, "/api/cells?as_of=2025-06-01")
    assert edition.code in codes(leader, f"/api/cells?as_of={moment:%Y-%m-%dT%H:%M:%S}Z")


def test_a_community_bears_the_code_and_name_of_the_day(town: City, leader: Client) -> None:
    renamed = datetime(2021, 2, 1, tzinfo=UTC)
    community = Community.objects.get(code="350404001001")
    PlaceCode.objects.create(
        community=community, code="350402001001", name="旧甲社区",
        valid=DateTimeTZRange(renamed, toy.OPENED),
    )  # fmt: skip
    address = "/api/communities?as_of=2022-01-01"
    (feature,) = leader.get(address).json()["features"]
    assert feature["properties"]["code"] == "350402001001"
    assert feature["properties"]["name"] == "旧甲社区"
    assert codes(leader, f"{address}&code=350404001001") == []
    assert codes(leader, "/api/communities") == ["350404001001", "350404001002"]


def test_the_labels_of_all_cells_in_one_answer(leader: Client) -> None:
    answer = leader.get("/api/cells?city=toy&fields=labels").json()
    assert answer["edition"] == toy.city().edition_name
    assert [cell["code"][-5:] for cell in answer["cells"]] == ["01001", "01002", "02001", "02002"]
    first = answer["cells"][0]
    middle = toy.at(50, 50)
    assert (first["lng"], first["lat"]) == pytest.approx((middle.x, middle.y), abs=2e-6)
    assert first["area_m2"] == pytest.approx(10_000, abs=1)
    assert first["community"] == toy.community("A").pk


def test_freshness_and_standing_in_short_and_304_the_second_time(leader: Client) -> None:
    stretch = Stretch.objects.get(code="L2-1")
    Visit.objects.create(city=toy.city(), stretch=stretch, source="tap", at=timezone.now())
    fresh = leader.get("/api/freshness?city=toy")
    assert [stretch.pk, 0, 0] in fresh.json()["stretches"]
    assert len(fresh.json()["stretches"]) == 4
    chiefs = leader.get("/api/standing?city=toy")
    assert [klass for _, klass in chiefs.json()["buildings"]] == [3, 4, 4, 4]
    assert [klass for _, klass in chiefs.json()["lanes"]] == [1, 2]
    assert [klass for _, klass in chiefs.json()["streets"]] == [1]
    for answer, address in ((fresh, "freshness"), (chiefs, "standing")):
        again = leader.get(
            f"/api/{address}?city=toy", headers={"if-none-match": answer.headers["ETag"]}
        )
        assert (again.status_code, again.content) == (304, b"")
    only = leader.get(f"/api/freshness?city=toy&community={toy.community('B').pk}").json()
    assert [row[0] for row in only["stretches"]] == [stretch.pk]
    near = leader.get(f"/api/freshness?city=toy&bbox={box(210, 40, 290, 59)}").json()
    assert [row[0] for row in near["stretches"]] == [stretch.pk]
    assert near["entrances"] == []


def test_entrances_come_with_a_box_or_a_community_and_tell_place_class_and_days(
    leader: Client,
) -> None:
    seen, late = (Entrance.objects.get(building__code=code) for code in ("B3", "B4"))
    for entrance, days in ((seen, 3), (late, 15)):
        at = timezone.now() - timedelta(days=days)
        Visit.objects.create(city=toy.city(), entrance=entrance, source="qr", at=at)
    b = f"/api/freshness?city=toy&community={toy.community('B').pk}"
    with CaptureQueriesContext(connection) as cost:
        rows = leader.get(b).json()["entrances"]
    assert sum("gridmap_freshness" in query["sql"] for query in cost.captured_queries) == 1
    assert rows == [
        [seen.pk, pytest.approx(seen.place.x), pytest.approx(seen.place.y), 2, 3, 14],
        [late.pk, pytest.approx(late.place.x), pytest.approx(late.place.y), 5, 15, 14],
    ]
    around = leader.get(f"/api/freshness?city=toy&bbox={box(0, 55, 100, 65)}").json()
    first = Entrance.objects.get(building__code="B1")
    assert [(row[0], *row[3:]) for row in around["entrances"]] == [(first.pk, 6, None, 14)]
    assert "entrances" not in leader.get("/api/freshness?city=toy").json()


def test_an_area_counts_each_street_and_lane_once_however_many_cells_it_crosses(
    leader: Client,
) -> None:
    # S1 is the street of houses in all four cells, L1 runs between two: by cells there are more.
    def counts(query: str = "") -> dict[str, list[int]]:
        answer = leader.get(f"/api/standing/summary?city=toy{query}").json()
        return {rung: list(of.values()) for rung, of in answer.items()}

    a, b = toy.community("A"), toy.community("B")
    whole = {"buildings": [0, 0, 1, 3, 4], "lanes": [1, 1, 0, 0, 2], "streets": [1, 0, 0, 0, 1]}
    assert counts() == whole
    assert counts(f"&subdistrict={a.subdistrict_id}") == whole
    assert counts(f"&community={a.pk}") == {
        "buildings": [0, 0, 1, 1, 2], "lanes": [1, 0, 0, 0, 1], "streets": [1, 0, 0, 0, 1],
    }  # fmt: skip
    assert counts(f"&community={b.pk}&subdistrict={b.subdistrict_id}") == {
        "buildings": [0, 0, 0, 2, 2], "lanes": [0, 1, 0, 0, 1], "streets": [1, 0, 0, 0, 1],
    }  # fmt: skip
    things = {"buildings": Building, "lanes": Lane, "streets": Street}
    for rung, model in things.items():
        assert whole[rung][-1] == model._default_manager.count()
    in_b = leader.get(f"/api/standing?city=toy&community={b.pk}").json()
    assert [pk for pk, _ in in_b["lanes"]] == [Lane.objects.get(code="L2").pk]


def test_how_many_incidents_were_filed_on_each_day(leader: Client) -> None:
    now = timezone.now()
    for days in (0, 0, 3, 40):
        at = now - timedelta(days=days)
        toy.incident(50, 50, reported_at=at, filed_at=at)
    days = leader.get("/api/histogram?city=toy").json()["days"]
    today = timezone.localdate()
    assert len(days) == 30
    assert days[-1] == [today.isoformat(), 2]
    assert days[-4] == [(today - timedelta(days=3)).isoformat(), 1]
    assert sum(n for _, n in days) == 3
    span = f"since={today - timedelta(days=41)}&until={today - timedelta(days=39)}"
    assert [n for _, n in leader.get(f"/api/histogram?city=toy&{span}").json()["days"]] == [0, 1, 0]
