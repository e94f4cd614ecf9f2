"""What the database writes and what the serializer says are the same."""

from typing import Any

import orjson
import pytest
from django.test import Client
from django.utils import timezone

from gridmap.api import incidents, places, territory
from gridmap.api.features import LayerViewSet
from gridmap.api.filters import Asked
from gridmap.layers.incidents import State
from gridmap.layers.postings import operator_scope
from gridmap.layers.territory import City, Ground
from tests import town as toy

VIEWS: list[type[LayerViewSet]] = [
    territory.Subdistricts, territory.Communities, territory.Cells, territory.Grounds,
    places.Streets, places.Lanes, places.Stretches, places.Buildings, places.PartyUnits,
    incidents.Incidents,
]  # fmt: skip


@pytest.fixture
def furnished(town: City) -> City:
    """The toy town with something in every layer, quotes and emptiness included."""
    Ground.objects.create(city=town, kind="water", name='"沙溪"\n\\', geom=toy.box(0, -60, 50, 9))
    now = timezone.now()
    toy.incident(50, 50, text='"quoted" \\ \t 网格 😀', department=None)
    toy.incident(50, 50, state=State.CLOSED, closed_at=now, due=None, soon_at=None)
    return town


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.layer)
def test_list_file_and_detail_tell_the_same(
    furnished: City, leader: Client, view: type[LayerViewSet]
) -> None:
    rows = view().rows(Asked(operator_scope()))
    said: list[Any] = orjson.loads(orjson.dumps(view.serializer_class(rows, many=True).data))[
        "features"
    ]
    assert said
    listed = leader.get(f"/api/{view.layer}").json()
    file = leader.get(f"/api/{view.layer}?all=true")
    assert file.headers["Content-Type"] == "application/geo+json"
    streamed = orjson.loads(b"".join(file.streaming_content))  # type: ignore[attr-defined]
    by_id = {feature["id"]: feature for feature in said}
    for features in (listed["features"], streamed["features"]):
        assert {feature["id"]: feature for feature in features} == by_id
        assert len(features) == len(by_id)
    for identity, feature in by_id.items():
        assert leader.get(f"/api/{view.layer}/{identity}").json() == feature


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.layer)
def test_an_empty_file_is_a_feature_collection_too(
    leader: Client, view: type[LayerViewSet]
) -> None:
    nowhere = "?bbox=1,1,2,2&all=true"
    file = leader.get(f"/api/{view.layer}{nowhere}")
    streamed = orjson.loads(b"".join(file.streaming_content))  # type: ignore[attr-defined]
    assert streamed == {"type": "FeatureCollection", "features": []}


def test_a_long_file_is_sent_in_pieces(
    town: City, leader: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gridmap.api.streaming.CHUNK", 2)
    file = leader.get("/api/buildings?all=true&fields=code")
    pieces = list(file.streaming_content)  # type: ignore[attr-defined]
    assert len(pieces) == 4  # head, two buildings, two buildings, tail
    found = orjson.loads(b"".join(pieces))["features"]
    assert [feature["properties"]["code"] for feature in found] == ["B1", "B2", "B3", "B4"]
