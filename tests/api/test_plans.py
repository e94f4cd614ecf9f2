"""Plans over HTTP: the whole way of a draft, and who may go it."""

import gzip
import math
import struct
from datetime import timedelta
from typing import Any
from uuid import uuid4

import mapbox_vector_tile
import orjson
import pytest
from django.test import Client
from django.utils import timezone

from gridmap.layers.bundles import bundle_of
from gridmap.layers.fabrics import Fabric
from gridmap.layers.places import Building
from gridmap.layers.plans import Plan
from gridmap.layers.postings import Role
from tests import quilt
from tests import town as toy

JSON = "application/json"


@pytest.fixture
def planner(leader: Client) -> Client:
    """Signed in as planner of the whole city, with the fabric of community A laid."""
    quilt.lay("A")
    client = Client()
    client.force_login(toy.posted("gu", role=Role.PLANNER))
    return client


@pytest.fixture
def second(planner: Client) -> Client:
    """Another planner."""
    client = Client()
    client.force_login(toy.posted("li", role=Role.PLANNER))
    return client


@pytest.fixture
def draft(planner: Client) -> str:
    """The address of a draft of community A."""
    body = {"title": "甲社区调整", "community": toy.community("A").pk}
    answer = planner.post("/api/plans", body, content_type=JSON)
    assert answer.status_code == 201, answer.json()
    return f"/api/plans/{answer.json()['id']}"


def send(client: Client, address: str, **body: Any) -> tuple[int, Any]:
    answer = client.post(address, body, content_type=JSON)
    return answer.status_code, answer.json()


def op(kind: str, **values: Any) -> dict[str, Any]:
    return {"id": str(uuid4()), "kind": kind, **values}


def test_a_draft_is_opened_painted_and_read(planner: Client, draft: str) -> None:
    wish = op("paint", units=["La1c", "BB1"], to=2)
    status, done = send(planner, f"{draft}/ops", base_seq=0, ops=[wish])
    assert (status, done["seq"], done["applied"]) == (200, 1, [wish["id"]])
    assert [(c["no"], c["households"]) for c in done["cells"]] == [(1, 0), (2, 300)]
    whole = planner.get(draft).json()
    assert whole["seq"] == 1
    assert sorted(whole["labels"]) == [1] * 4 + [2] * 8
    assert [cell["code"][-3:] for cell in whole["cells"]] == ["001", "002"]
    assert sorted(planner.get(f"{draft}?seq=0").json()["labels"]) == [1] * 6 + [2] * 6
    log = planner.get(f"{draft}/ops?after=0").json()
    assert [(row["kind"], row["author"], row["new"]) for row in log["ops"]] == [
        ("paint", "gu", [2, 2])
    ]


def test_a_conflict_is_told_and_the_rest_is_done(
    planner: Client, second: Client, draft: str
) -> None:
    send(planner, f"{draft}/ops", base_seq=0, ops=[op("paint", units=["La1c"], to=2)])
    wish = op("split", units=["La1c", "La1a"])
    status, done = send(second, f"{draft}/ops", base_seq=0, ops=[wish])
    assert (status, done["code"], done["auto_merged"]) == (409, "WrongState", 1)
    assert [row["unit"] for row in done["conflicts"]] == ["La1c"]
    assert [row["seq"] for row in done["rebased"]] == [1]
    assert send(second, f"{draft}/undo", id=str(uuid4()))[0] == 200
    assert send(second, f"{draft}/redo", id=str(uuid4()))[0] == 200
    assert send(second, f"{draft}/restore", id=str(uuid4()), seq=0)[0] == 200


def test_reservations_and_comments_go_round(
    planner: Client, second: Client, leader: Client, draft: str
) -> None:
    status, held = send(planner, f"{draft}/reservations", cells=[1])
    assert (status, held["reserved"][0]["holder"]) == (200, "gu")
    assert send(second, f"{draft}/reservations", cells=[1])[0] == 409
    assert send(leader, f"{draft}/reservations", cells=[1])[0] == 403  # reads, does not draw
    status, said = send(leader, f"{draft}/comments", text="大门在这边", cell=1)
    assert status == 201
    assert send(planner, f"{draft}/settle", comment=said["id"])[1]["settled_by"] == "gu"
    (shown,) = planner.get(f"{draft}/comments").json()["comments"]
    assert (shown["text"], shown["cell"]) == ("大门在这边", 1)


def test_a_fork_is_a_plan_of_its_own(planner: Client, draft: str) -> None:
    number = int(draft.rsplit("/", 1)[1])
    status, made = send(planner, "/api/plans", title="另一稿", fork_of=number)
    assert (status, made["fork_of"], made["fork_seq"]) == (201, number, 0)
    listed = planner.get("/api/plans?city=toy&status=draft&count=true").json()
    assert listed["total"] == 2


@pytest.mark.parametrize(
    "body",
    [
        {"base_seq": 5, "ops": []},
        {"base_seq": 0, "ops": [{"id": "x", "kind": "paint"}]},
        {"base_seq": 0, "ops": [{"id": str(uuid4()), "kind": "propose"}]},
        {"base_seq": 0, "ops": [{"id": str(uuid4()), "kind": "paint", "units": ["?"], "to": 1}]},
        {"base_seq": 0, "ops": [], "extra": 1},
        {"base_seq": 0, "ops": [{"id": str(uuid4()), "kind": "paint", "to": True}]},
    ],
)
def test_a_slip_is_a_400_with_a_reason(planner: Client, draft: str, body: dict[str, Any]) -> None:
    answer = planner.post(f"{draft}/ops", body, content_type=JSON)
    assert answer.status_code == 400
    assert answer.json()["code"] == "BadValue"


def test_a_cadre_finds_neither_draft_nor_a_way_to_open_one(
    planner: Client, wang: Client, draft: str
) -> None:
    assert wang.get(draft).status_code == 404
    assert wang.get("/api/plans").json()["results"] == []
    assert send(wang, f"{draft}/ops", base_seq=0, ops=[])[0] == 404
    assert send(wang, "/api/plans", title="x", community=toy.community("A").pk)[0] == 403


def test_the_bundle_is_read_as_documented(planner: Client) -> None:
    """What the browser does: magic, header, then views into one buffer."""
    fabric = Fabric.objects.get()
    answer = planner.get(f"/api/fabrics/{fabric.pk}/bundle")
    assert answer.headers["Content-Encoding"] == "gzip"
    raw = gzip.decompress(answer.content)
    (length,) = struct.unpack_from("<I", raw, 4)
    assert raw[:4] == b"GMF1"
    assert (8 + length) % 8 == 0
    header = orjson.loads(raw[8 : 8 + length])
    assert header["size"] == len(header["uids"]) == 12
    row = header["arrays"]["households"]
    assert row["type"] == "int32"
    households = struct.unpack_from(f"<{row['length']}i", raw, 8 + length + row["offset"])
    assert dict(zip(header["uids"], households, strict=True))["BB2"] == 200
    assert planner.get("/api/fabrics?city=toy").json()["results"][0]["units"] == 12


@pytest.fixture
def woven(planner: Client, leader: Client) -> str:
    """The address of a draft on a fabric worked out over HTTP, with everything merged into A-2."""
    area = toy.community("A").pk
    status, fabric = send(planner, "/api/fabrics", community=area)
    assert (status, fabric["units"]) == (200, 2)  # the lane parts the two houses' ground
    assert send(leader, "/api/fabrics", community=area)[0] == 403
    made = send(planner, "/api/plans", title="从街巷来", community=area)[1]
    assert made["fabric"] == fabric["id"]
    address = f"/api/plans/{made['id']}"
    wish = op("merge", cells=[1], to=2)
    assert send(planner, f"{address}/ops", base_seq=0, ops=[wish])[0] == 200
    Plan.objects.update(lowest=1)
    return address


def test_a_plan_is_compared_and_its_impact_told(
    planner: Client, leader: Client, draft: str, woven: str
) -> None:
    diff = planner.get(f"{woven}/diff").json()
    assert (diff["units"], diff["retained"]) == (["BB1"], 0.6667)
    other = planner.get(f"{woven}/diff?against={draft.rsplit('/', 1)[1]}").json()
    assert other["unmatched"] == []  # units of another fabric are followed by their ground
    assert other["transfers"][0]["households"] == 100
    faults = planner.get(f"{woven}/faults").json()["faults"]
    assert [fault["code"] for fault in faults if fault["must"]] == []
    told = leader.get(f"{woven}/impact").json()
    assert told["figures"]["households_moved"] == 100
    assert told["figures"]["codes_retired"] == ["350404001001001"]


def test_a_plan_goes_its_whole_way(planner: Client, leader: Client, woven: str) -> None:
    """Handed in, returned, handed in again, approved, published, withdrawn."""
    assert send(planner, f"{woven}/submit", seq=1)[1]["status"] == "in_review"
    assert send(leader, f"{woven}/return", note="再看看")[1]["status"] == "draft"
    assert send(planner, f"{woven}/submit", seq=1)[1]["status"] == "in_review"
    assert send(leader, f"{woven}/approve", seq=1, note="同意")[1]["status"] == "approved"
    day = f"{timezone.localdate() + timedelta(days=2):%F}"
    assert send(planner, f"{woven}/publish", seq=1, effective_from=day)[0] == 403
    status, published = send(leader, f"{woven}/publish", seq=1, effective_from=day)
    assert status == 201, published
    number = published["id"]
    assert leader.get("/api/publications?city=toy").json()["results"][0]["id"] == number
    assert send(leader, f"/api/publications/{number}/revert", effective_from=day)[0] == 409
    status, gone = send(leader, f"/api/publications/{number}/withdraw")
    assert (status, gone["withdrawn_by"]) == (200, "leader")
    assert leader.get("/api/cell-handovers?city=toy").json()["results"] == []


def test_where_an_address_lies_is_no_secret_among_staff(planner: Client, wang: Client) -> None:
    place = toy.at(50, 70)
    here = wang.get(f"/api/where?city=toy&lng={place.x}&lat={place.y}&on=2025-03-01").json()
    assert (here["code"], here["until"]) == ("350404001001001", None)
    building = Building.objects.get(code="B4").pk
    assert wang.get(f"/api/where?city=toy&building={building}").json()["code"][-4:] == "2002"
    assert wang.get("/api/where?city=toy&lng=0&lat=0").status_code == 404
    assert wang.get("/api/where?city=toy").status_code == 400


def test_tiles_of_a_fabric_count_as_its_bundle_does(planner: Client) -> None:
    fabric = Fabric.objects.get()
    corner = toy.at(100, 50)
    zoom = 16
    x = int((corner.x + 180) / 360 * 2**zoom)
    angle = math.radians(corner.y)
    y = int((1 - math.asinh(math.tan(angle)) / math.pi) / 2 * 2**zoom)
    answer = planner.get(f"/api/fabrics/{fabric.pk}/tiles/{zoom}/{x}/{y}")
    layers = mapbox_vector_tile.decode(answer.content)
    bundle = bundle_of(fabric.pk)
    assert {row["id"] for row in layers["units"]["features"]} <= set(range(len(bundle)))
    levels = bundle.arrays["edge_level"]
    for row in layers["edges"]["features"]:
        assert row["properties"]["level"] == levels[row["id"]]
    assert len(layers["edges"]["features"]) > 3
    assert planner.get(f"/api/fabrics/{fabric.pk}/tiles/1/5/5").status_code == 404
