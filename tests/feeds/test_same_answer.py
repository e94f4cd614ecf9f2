"""A place belongs to one cell and one ladder, whichever way it is asked."""

from typing import Any

from django.contrib.auth.models import User
from django.contrib.gis.geos import Point
from django.test import Client

from gridmap.actions.incidents import Report, report_incident
from gridmap.layers.places import Building
from gridmap.layers.scope import Scope
from gridmap.layers.territory import CellEdition
from tests import town as toy
from tests.feeds.asking import ask, bearing


def told(client: Client, name: str, **query: str) -> dict[str, Any]:
    answer = client.get(f"/api/{name}", {"city": "toy", **query})
    assert answer.status_code == 200, answer.content
    body: dict[str, Any] = answer.json()
    return body


# Every path must agree about a place: on the corner of two cells of one community, on the border of
# the communities, on a wall, and on open ground.
def corners() -> list[tuple[str, Point]]:
    a2 = CellEdition.objects.get(code="350404001001002").geom
    vertices = [Point(x, y, srid=4326) for x, y in sorted(set(a2[0][0].coords))]
    x, y = Building.objects.get(code="B1").geom[0][0][0][:2]
    return [
        *[(f"corner {n}", vertex) for n, vertex in enumerate(vertices)],
        ("wall", Point(x, y, srid=4326)),
        ("inside a house", toy.at(50, 70)),
        ("open ground", toy.at(75, 30)),
        ("on the lane", toy.at(100, 30)),
    ]


def test_every_path_gives_a_place_to_the_same_cell_and_chiefs(mayor: Scope) -> None:
    client, scope = Client(), mayor
    client.force_login(User.objects.get(username="leader"))
    for name, place in corners():
        feed = dict(
            ask(f"/feeds/where?city=toy&lng={place.x!r}&lat={place.y!r}", bearing(scope)).json
        )
        found = told(client, "ladder", lng=repr(place.x), lat=repr(place.y))
        assert found["cell"] == feed["cell"]["id"], name
        assert found["building"] == (feed["building"] or {}).get("id"), name
        chiefs = {c["office"]: (c["id"], c["name"], c["stand_in"]) for c in feed["chiefs"]}
        rungs = {
            rung["office"]: (
                rung["id"], rung["holders"][0]["name"] if rung["holders"] else None,
                rung["stand_in"],
            )
            for rung in found["rungs"] if rung["standing"] != "office"
        }  # fmt: skip
        assert chiefs == rungs, name
        hit = told(client, "search", q=f"{place.y!r}, {place.x!r}")["groups"][0]["hits"][0]
        assert hit["cell"] == found["cell"], name
        report = Report(place=place, title=name, category="0102")
        made, _new = report_incident(by=scope, report=report, city="toy")
        assert made.cell_id == found["cell"], name
        assert made.community_id == found["community"], name
