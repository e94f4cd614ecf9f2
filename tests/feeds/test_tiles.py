"""Tiles, decoded by a decoder that is not ours."""

import math
from typing import Any

import mapbox_vector_tile
import pytest
import shapely
from django.contrib.gis.geos import Point
from shapely.geometry import shape

from gridmap.layers.places import Building
from gridmap.layers.scope import Scope
from gridmap.layers.tiles import BUFFER, EXTENT, LAYERS
from tests import town as toy
from tests.feeds.asking import ask, bearing, run

TOY = (200, 50)  # the middle of the toy town, metres from its corner


def address_at(zoom: int, place: Point) -> tuple[int, int]:
    """The tile of this zoom that holds a place (the formula of every XYZ map)."""
    across = 1 << zoom
    north = math.asinh(math.tan(math.radians(place.y)))
    return int((place.x + 180) / 360 * across), int((1 - north / math.pi) / 2 * across)


def decoded(eyes: Scope, zoom: int, x: int, y: int) -> dict[str, Any]:
    reply = ask(f"/feeds/tiles/{toy.city().edition_name}/{zoom}/{x}/{y}.mvt", bearing(eyes))
    assert reply.status == 200
    tile: dict[str, Any] = mapbox_vector_tile.decode(
        reply.body, default_options={"y_coord_down": True}
    )
    return tile


def around(eyes: Scope, zoom: int) -> dict[str, dict[int, list[Any]]]:
    """All features of the toy town at this zoom: by layer and id, one a tile they are in."""
    corners = [address_at(zoom, toy.at(e, n)) for e, n in ((-100, -100), (500, 200))]
    (west, south), (east, north) = corners
    found: dict[str, dict[int, list[Any]]] = {}
    for x in range(west, east + 1):
        for y in range(north, south + 1):
            for name, layer in decoded(eyes, zoom, x, y).items():
                assert layer["extent"] == EXTENT
                for feature in layer["features"]:
                    found.setdefault(name, {}).setdefault(feature["id"], []).append(feature)
    return found


def test_each_zoom_shows_its_layers(leader: Scope) -> None:
    everywhere = {"subdistricts"}
    assert set(decoded(leader, 5, *address_at(5, toy.at(*TOY)))) == everywhere
    assert set(around(leader, 10)) == everywhere | {"ground", "communities"}
    assert set(around(leader, 13)) == everywhere | {"ground", "communities", "cells", "streets"}
    assert set(around(leader, 16)) == {layer.name for layer in LAYERS}
    assert "buildings" not in around(leader, 14)


def test_a_tile_holds_ids_and_little_else(leader: Scope) -> None:
    found = around(leader, 17)
    assert set(found["cells"]) == {toy.cell(a, n).pk for a in "AB" for n in (1, 2)}
    assert set(found["buildings"]) == set(Building.objects.values_list("pk", flat=True))
    properties = {
        name: {key for several in rows.values() for one in several for key in one["properties"]}
        for name, rows in found.items()
    }
    assert properties == {
        "ground": {"kind"},
        "streets": {"name", "width"},
        "lanes": {"name", "width"},
        "stretches": {"side"},
        **{
            name: set()
            for name in (
                "subdistricts",
                "communities",
                "cells",
                "buildings",
                "party_units",
                "street_areas",
                "lane_areas",
            )
        },
    }
    labels = {
        one["properties"]["label"]
        for several in around(leader, 18)["buildings"].values()
        for one in several
    }
    assert labels == {"1", "2", "3", "4"}


@pytest.mark.parametrize("zoom", [11, 14, 16, 18])
def test_a_tile_equals_what_postgis_makes_of_the_source(leader: Scope, zoom: int) -> None:
    """ST_AsMVTGeom of the source tables, transformed on the fly; within one tile unit."""
    x, y = address_at(zoom, toy.at(*TOY))
    ours = decoded(leader, zoom, x, y)
    for layer in LAYERS:
        if zoom < layer.start:
            assert layer.name not in ours
            continue
        source = {
            "tl_cell": "layers_celledition",
            "tl_partyunit": "layers_partyunit",
        }.get(layer.table, layer.table.replace("tl_", "layers_"))
        column = {
            "street_areas": "polygon",
            "lane_areas": "polygon",
            "streets": "centreline",
            "lanes": "centreline",
            "stretches": "centreline",
            "party_units": "place",
        }
        geom = column.get(layer.name, "geom")
        key = "cell_id" if layer.name == "cells" else "id"
        theirs = {
            pk: shapely.from_wkb(bytes(wkb))
            for pk, wkb in run(
                f"SELECT {key}, ST_AsBinary(g) FROM (SELECT {key}, "
                f"ST_AsMVTGeom(ST_Transform({geom}, 3857), "
                f"ST_TileEnvelope({zoom},{x},{y}), {EXTENT}, {BUFFER}) AS g FROM layers_x) AS q "
                "WHERE g IS NOT NULL".replace("layers_x", source)
            )
        }
        features = ours.get(layer.name, {"features": []})["features"]
        mine = {feature["id"]: shape(feature["geometry"]) for feature in features}
        assert set(mine) == set(theirs), layer.name
        grain = 1 if zoom >= 14 else 4
        for pk, geometry in mine.items():
            assert geometry.is_valid, (layer.name, pk)
            apart = shapely.hausdorff_distance(geometry, theirs[pk])
            assert apart <= (0 if zoom >= 14 else 2 * grain), (layer.name, pk)


def test_areas_of_neighbours_leave_no_gap_at_any_zoom(leader: Scope) -> None:
    for zoom in (12, 13, 15):
        x, y = address_at(zoom, toy.at(*TOY))
        cells = [shape(f["geometry"]) for f in decoded(leader, zoom, x, y)["cells"]["features"]]
        (whole,) = (
            shape(f["geometry"]) for f in decoded(leader, zoom, x, y)["subdistricts"]["features"]
        )
        assert len(cells) == 4
        assert shapely.union_all(cells).symmetric_difference(whole).area == 0


def test_a_tile_is_kept_for_ever_and_asked_for_once(leader: Scope) -> None:
    x, y = address_at(16, toy.at(*TOY))
    address = f"/feeds/tiles/{toy.city().edition_name}/16/{x}/{y}.mvt"
    first = ask(address, bearing(leader))
    assert first.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert first.headers["content-type"] == "application/vnd.mapbox-vector-tile"
    assert not first.headers["etag"].startswith("W/")
    assert "vary" not in first.headers
    again = ask(address, {**bearing(leader), "if-none-match": first.headers["etag"]})
    assert (again.status, again.body) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    other = ask(address, {**bearing(leader), "if-none-match": '"another"'})
    assert other.status == 200
    assert ask(address, bearing(leader), method="HEAD").body == b""


def test_an_empty_place_is_an_empty_tile(leader: Scope) -> None:
    reply = ask(f"/feeds/tiles/{toy.city().edition_name}/16/0/0.mvt", bearing(leader))
    assert (reply.status, reply.body) == (200, b"")


@pytest.mark.parametrize(
    "tile",
    [
        "16/65536/0.mvt",
        "16/0/65536.mvt",
        "23/0/0.mvt",
        "-1/0/0.mvt",
        "16/0/0",
        "16/0/0.png",
        "16/0x1/0.mvt",
        "16/1.5/0.mvt",
        "016/1/1.mvt",
        "16/٣/0.mvt",
        "16/1/1.mvt/",
        "//.mvt",
        f"16/{'9' * 40}/0.mvt",
    ],
)
def test_an_address_that_is_no_tile_is_refused(leader: Scope, tile: str) -> None:
    reply = ask(f"/feeds/tiles/{toy.city().edition_name}/{tile}", bearing(leader))
    assert (reply.status, reply.json["code"]) == (400, "BadValue")


@pytest.mark.parametrize("edition", ["toy", "toy.", "toy.x", ".2", "to/y.2", "toy.-1"])
def test_a_name_that_is_no_edition_is_refused(leader: Scope, edition: str) -> None:
    assert ask(f"/feeds/tiles/{edition}/16/1/1.mvt", bearing(leader)).status == 400
