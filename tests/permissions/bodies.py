"""What is sent to each address: the ids in it, its query, and a body that is valid.

A new route usually needs nothing here to be read and one line to be written to::

    "POST /api/cases/{pk}/close": Sent(json={"note": "done", "client_id": "$uuid"}),

``$cases`` is the id of the thing that tests/permissions/world.py noted as ``cases`` in place A,
``$cases@X`` of that in place X;
``$uuid``, ``$today``, ``$later`` (a day to come), ``$point`` (GeoJSON) and ``$lng``, ``$lat`` are
what they say. ``{pk}`` of ``/api/cases/{pk}`` is filled by ``$cases`` unless the line says ``at``.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from gridmap.geo.fabric import exchange
from gridmap.layers import fabric_geometry
from gridmap.layers.fabrics import Fabric, UnitEdge
from gridmap.layers.territory import City
from tests import town as toy
from tests.permissions.world import World, spot
from tests.permissions.world_cases import picture

JSON = "application/json"
WRITING = frozenset({"POST", "PUT", "PATCH", "DELETE"})


@dataclass(frozen=True)
class Sent:
    """What a request carries.

    Attributes:
        json: body in JSON; with ``form`` the fields of a form instead.
        form: fields of a form, or files.
        at: which thing fills ``{pk}``.
        fill: what fills other parameters of the address.
        query: behind the question mark.
        also: a status that is the route's own answer too, though no success.
        others: other forms; the route is somebody's if one of all goes through.
    """

    json: Any = None
    form: Mapping[str, str] | None = None
    at: str = ""
    fill: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    also: int = 0
    others: tuple[Mapping[str, str], ...] = ()


def _query(**names: str) -> Sent:
    return Sent(query=names)


PLAIN = Sent()
# What fills a parameter wherever nothing else is said.
FILL = {
    "slug": "$cities", "office": "building", "object_id": "$buildings", "printing": "$printings",
    "code": "$card", "language": "en", "page": "map",
    "layer": "vec", "z": "0", "x": "0", "y": "0", "form": "csv",
    "rest": "nothing", "edition": "$edition", "verb": "supervise", "uid": "$photos",
    "secret": "$secrets", "number": "$numbers", "thing": "entrance",
}  # fmt: skip
PLACE = {"city": "toy", "lng": "$lng", "lat": "$lat"}
DIVISION = "uid,name\nBB1,第一网格\n"
PERIOD = {"city": "toy", "since": "2026-01-01", "until": "2026-01-31"}
BORDER = {"a": "La1a", "b": "La1b", "level": int(UnitEdge.Level.INNER), "crossable": False}
NEW = {"name": "新来的", "relay_phone": "0598-1112223", "client_id": "$uuid"}

SENT: dict[str, Sent] = {
    # lists that need more than the city
    "GET /api/": PLAIN,
    "GET /api/cities": PLAIN,
    "GET /api/docs": PLAIN,
    "GET /api/schema": PLAIN,
    "GET /api/history": PLAIN,
    "GET /api/ladder": _query(building="$buildings"),
    "GET /api/people": _query(city="toy", q="苏望舒"),
    "GET /api/search": _query(city="toy", q="榕树巷"),
    "GET /api/where": _query(city="toy", building="$buildings"),
    "GET /api/plans/{pk}/export": _query(**{"as": "csv"}),
    "GET /feeds/live": _query(city="toy"),
    "GET /feeds/overlay": _query(city="toy"),
    "GET /feeds/where": Sent(query=PLACE),
    "GET /api/coverage/at": Sent(query=PLACE),
    "GET /light": _query(community="$communities"),
    "GET /light/map": _query(community="$communities"),
    "GET /q": Sent(query=PLACE),
    "GET /report/map/{slug}.svg": Sent(query={"x": "$lng", "y": "$lat", "m": "320"}),
    # accounts
    "POST /sign-in": Sent(form={"name": "nobody", "password": "wrong"}, also=422),
    "POST /sign-out": Sent(form={}),
    "POST /sign-in/code": Sent(form={"code": "000000"}),
    "POST /sign-in/second-factor": Sent(form={"code": "000000"}),
    "POST /account/password": Sent(form={"old": "?", "new": "?", "again": "?"}, also=422),
    "POST /account/sessions/end": Sent(form={}),
    "POST /account/second-factor": Sent(form={"code": "000000"}, also=422),
    "POST /account/second-factor/off": Sent(form={"password": "?"}, also=422),
    "POST /account/recovery-codes": Sent(form={"password": "?"}, also=422),
    "POST /ticket": Sent(form={}),
    "POST /i18n/": Sent(form={"language": "en", "next": "/"}),
    # incidents
    "POST /api/incidents": Sent(
        json={"city": "toy", "place": "$point", "title": "破损", "category": "0102"}
    ),
    "GET /api/incidents/near": Sent(query={**PLACE, "category": "0102"}),
    "POST /api/tell": Sent(json={"city": "toy", "text": "榕树巷 1 号门口有暴露垃圾"}),
    # Whose verb it is stands in gridmap/layers/life_cycle.py; test_matrix.py tries each of them.
    "POST /api/incidents/{pk}/{verb}": Sent(json={"why": "催一下"}, also=403),
    "POST /api/deadlines/simulate": Sent(json={"category": "$categories"}),
    "POST /desk/together": Sent(
        form={"verb": "supervise", "case": "$numbers", "batch": "$uuid", "why": "催一下"}
    ),
    # The page says that there is no file.
    "POST /desk/orders": Sent(form={}, query={"city": "toy"}, also=422),
    "POST /desk/channels": Sent(
        form={"deed": "drop", "message": "$deliveries"}, query={"city": "toy"}
    ),
    "POST /desk/saved": Sent(form={"name": "我的", "query": "city=toy"}),
    # The page of a case shows what was refused, with its reason, to whoever sees the case.
    "POST /cases/{number}/do/{verb}": Sent(form={"why": "催一下"}, also=422),
    "POST /cases/{number}/photo": Sent(form={"photo": "$picture"}),
    # Somebody else's photo, as of the API below.
    "POST /cases/{number}/photo/{uid}/remove": Sent(form={}, also=403),
    "POST /cases/{number}/contact": Sent(form={"why": "打电话回访"}),
    "POST /cases/{number}/letter": Sent(form={"show": "1"}),
    # It is filed: then only the duty desk joins it; before, whoever verifies it.
    "POST /cases/{number}/join": Sent(form={"original": "$originals"}, also=403),
    # One's own photo is tried in tests/api/test_photos.py; somebody else's is told to be that.
    "DELETE /api/photos/{uid}": Sent(also=403),
    "POST /api/incidents/{pk}/photos": Sent(form={"photo": "$picture"}),
    "POST /api/rulings/{pk}/end": Sent(json={"why": "路拓宽了"}),
    "POST /api/joint-tasks/{pk}/rule": Sent(
        json={"geom": "$polygon", "department": "$departments", "why": "现场会勘"}
    ),
    "POST /report": Sent(
        form={
            "lng": "$lng",
            "lat": "$lat",
            "client_id": "$uuid",
            "category": "0102",
            "text": "楼道口有垃圾",
        },
    ),
    # The holder of the link may; of a case that has not ended the page says so (test_voices.py).
    "POST /report/{secret}/judge": Sent(form={"client_id": "$uuid", "satisfied": "3"}, also=400),
    "POST /report/{secret}/again": Sent(form={"client_id": "$uuid", "why": "没清完"}, also=400),
    "POST /api/incidents/{pk}/contact": Sent(json={"why": "打电话回访"}),
    # chiefs
    "POST /chiefs/{office}/{object_id}": Sent(
        form={"deed": "appoint", "new": "1", **NEW}, fill={"object_id": "$vacant"}
    ),
    "POST /api/chief-terms": Sent(json={"office": "building", "object": "$vacant", **NEW}),
    "POST /api/chief-terms/{pk}/renew": Sent(json={"until": "$later"}),
    "POST /api/chief-terms/{pk}/relieve": Sent(json={"why": "搬家"}),
    "POST /api/chief-terms/{pk}/hand-over": Sent(json=NEW),
    "POST /api/chief-terms/{pk}/end-substitution": Sent(at="substitution", json={}),
    # figures of a period
    "GET /api/evaluation": Sent(query=PERIOD),
    "GET /api/evaluation/cases": Sent(query={**PERIOD, "rate": "closed"}),
    "POST /api/evaluations": Sent(
        json={"city": "toy", "since": "2026-01-01T00:00:00Z", "until": "2026-02-01T00:00:00Z"}
    ),
    "POST /api/contests": Sent(json={"incident": "$incidents", "rate": "closed", "why": "不该算"}),
    "POST /api/contests/{pk}/decide": Sent(json={"upheld": True, "answer": "同意"}),
    "POST /figures/contest": Sent(form={"case": "$incidents", "rate": "closed", "why": "不该算"}),
    "GET /api/duty-borders": Sent(query={"city": "toy"}),
    "POST /inbox/mark": Sent(form={"notice": "1"}),
    "POST /inbox/wishes": Sent(form={"wanted": "new"}),
    "POST /inbox/{pk}": Sent(fill={"pk": "1"}),
    "GET /disputes/{pk}": Sent(at="joint-tasks"),
    "POST /disputes/{pk}": Sent(
        at="joint-tasks",
        form={
            "ground": "around",
            "department": "$departments",
            "why": "现场会勘",
            "client_id": "$uuid",
        },
    ),
    "POST /disputes/rulings/{pk}/end": Sent(at="rulings", form={"why": "路拓宽了"}),
    "POST /figures/contests/{pk}": Sent(at="contests", form={"upheld": "1", "answer": "同意"}),
    "POST /figures/keep": Sent(form={"city": "toy", "since": "2026-01-01", "until": "2026-01-31"}),
    # tracks
    "POST /api/tracks": Sent(json={"fixes": ["$fix", "$fix"]}),
    "POST /api/tracks/file": Sent(form={"file": "$track"}),
    # patrols
    "POST /patrols/shifts": Sent(
        form={
            "team": "$teams",
            "day": "$later",
            "from": "19:00",
            "to": "20:00",
            "letters": "A",
            "wanted": "2",
            "client_id": "$uuid",
        }
    ),
    "POST /patrols/shifts/{pk}": Sent(
        form={"deed": "sign_up"}, others=({"deed": "cancel", "why": "下雨"},)
    ),
    "GET /patrols/note": Sent(),
    "POST /patrols/note": Sent(
        form={"deed": "paper", "batch": "$uuid", "at": "$today", "place": "stretch $stretches"}
    ),
    "POST /patrols/emphases": Sent(
        form={"deed": "look", "kind": "school"}, query={"community": "$communities"}
    ),
    "POST /patrols/teams/{pk}": Sent(form={"deed": "begin", "stretches": "$stretches"}),
    "GET /patrols/places/{thing}/{pk}": Sent(at="entrances"),
    "POST /patrols/places/{thing}/{pk}": Sent(
        at="entrances", form={"deed": "withdraw", "visit": "$visits", "why": "记错了"}
    ),
    "POST /service": Sent(form={"kind": "service", "day": "$today", "hours": "2", "what": "巡夜"}),
    "POST /api/visits": Sent(json={"visits": ["$seen"]}),
    "POST /api/visits/{pk}/withdraw": Sent(json={"why": "记错了"}),
    "POST /api/visits/{pk}/correct": Sent(json={"why": "记错了", "note": "走的是北边"}),
    "GET /beat/library/{version}/{name}": Sent(
        fill={"version": "6.17.0", "name": "maplibre-gl.mjs"}
    ),
    "POST /beat/key": Sent(form={"device": "$uuid"}),
    "POST /beat/packs/make": Sent(
        form={"beat": "mine", "days": "7"},
        others=tuple({"beat": f"$teams@{place}", "days": "7"} for place in "ABX"),
    ),
    "GET /beat/packs/{uid}.{form}": Sent(fill={"uid": "$packs", "form": "gpx"}),
    "POST /beat/packs/{uid}/withdraw": Sent(form={}, fill={"uid": "$packs"}),
    "POST /beat/results": Sent(form={"text": "?"}, also=422),
    # signs
    "POST /signs/print": Sent(form={"back": "city=toy&state=missing&cell=$cells"}),
    "POST /signs/mark": Sent(form={"hang": "$signs"}),
    "POST /signs/lines/set": Sent(form={"community": "$communities", "phone": "0598-7777777"}),
    # plans
    "POST /api/fabrics": Sent(json={"community": "$communities"}),
    "POST /api/fabrics/{pk}/borders": Sent(json={"borders": [BORDER]}),
    "POST /api/fabrics/import": Sent(form={"community": "$communities", "file": "$units"}),
    "POST /api/plans": Sent(json={"title": "稿", "community": "$communities"}),
    "POST /api/plans/{pk}/comments": Sent(json={"text": "大门在这边", "cell": 1}),
    "POST /api/plans/{pk}/settle": Sent(json={"comment": "$comments"}),
    "POST /api/plans/{pk}/ops": Sent(json={"base_seq": 1, "ops": []}),
    "POST /api/plans/{pk}/undo": Sent(json={"id": "$uuid"}),
    "POST /api/plans/{pk}/redo": Sent(json={"id": "$uuid"}, also=409),  # nothing was undone
    "POST /api/plans/{pk}/restore": Sent(json={"id": "$uuid", "seq": 0}),
    "POST /api/plans/{pk}/reservations": Sent(json={"cells": [1]}),
    "POST /api/plans/{pk}/propose": Sent(json={}),
    "POST /api/plans/{pk}/import": Sent(form={"id": "$uuid", "file": "$division"}),
    "POST /api/plans/{pk}/submit": Sent(json={"seq": 1}),
    "POST /api/plans/{pk}/approve": Sent(at="in review", json={"seq": 1}),
    "POST /api/plans/{pk}/return": Sent(at="in review", json={"note": "再看看"}),
    # One publication waits for its day already: only who may publish is told so.
    "POST /api/plans/{pk}/publish": Sent(
        at="approved", json={"seq": 1, "effective_from": "$later"}, also=409
    ),
    "POST /api/plans/{pk}/carry": Sent(json={"title": "稿"}, also=409),  # its ground is the newest
    "GET /plans/jobs/{pk}": Sent(at="beginnings"),
    "POST /plans/jobs/{pk}/cancel": Sent(at="beginnings", form={}),
    "POST /plans/new": Sent(form={"community": "$communities", "title": "稿"}),
    "POST /plans/{pk}/do": Sent(form={"deed": "comment", "text": "看过了"}),
    "POST /plans/{pk}/fork": Sent(form={}),
    "POST /plans/{pk}/files": Sent(form={"file": "$division"}),
    "POST /publications/{pk}/withdraw": Sent(form={}),
    "POST /publications/{pk}/revert": Sent(form={"day": "$later"}),
    "POST /api/publications/{pk}/revert": Sent(json={"effective_from": "$later"}, also=409),
    "POST /api/publications/{pk}/withdraw": PLAIN,
    "POST /api/cell-handovers/{pk}/decide": Sent(json={"accept": False}),
    "POST /api/jobs/{pk}/cancel": PLAIN,
}


def _day(days: int) -> str:
    return (timezone.localdate() + timedelta(days=days)).isoformat()


def _outline() -> dict[str, Any]:
    """The ground of the first cell of place A, as GeoJSON."""
    shape = toy.ring(0, 0, 100, 100)
    return {"type": "Polygon", "coordinates": [[list(corner) for corner in shape[0]]]}


def _walk() -> str:
    """Two places of A as a GPX file."""
    fixes = "".join(f'<trkpt lon="{p.x}" lat="{p.y}"/>' for p in (spot("A"), spot("A", 60)))
    track = f"<trk><trkseg>{fixes}</trkseg></trk>"
    return f'<gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1">{track}</gpx>'


@cache
def _units(pk: int) -> bytes:
    """The fabric of place A as a GeoPackage, as it is."""
    fabric = Fabric.objects.select_related("community__subdistrict__city").get(pk=pk)
    drawn = fabric_geometry.as_geometry(fabric, fabric.community, people=True)
    with TemporaryDirectory() as room:
        path = Path(room) / "units.gpkg"
        exchange.write(drawn, path, srid=fabric.community.subdistrict.city.metric_srid)
        return path.read_bytes()


WORDS: dict[str, Callable[[World], Any]] = {
    "uuid": lambda _: str(uuid4()),
    "today": lambda _: _day(0),
    "later": lambda _: _day(400),
    "point": lambda _: {"type": "Point", "coordinates": list(spot("A").coords)},
    "polygon": lambda _: _outline(),
    "picture": lambda _: SimpleUploadedFile("a.jpg", picture(200), "image/jpeg"),
    "units": lambda world: SimpleUploadedFile("units.gpkg", _units(int(world.at("fabrics")))),
    "seen": lambda world: {
        "client_id": str(uuid4()),
        "at": timezone.now().isoformat(),
        "source": "tap",
        "stretch": world.at("stretches"),
    },
    "fix": lambda _: {"lng": spot("A").x, "lat": spot("A").y},
    "track": lambda _: SimpleUploadedFile("walk.gpx", _walk().encode()),
    "lng": lambda _: f"{spot('A').x:.7f}",
    "lat": lambda _: f"{spot('A').y:.7f}",
    "edition": lambda _: City.objects.get(slug="toy").edition_name,
    "card": lambda _: "350404001001001",
    "division": lambda _: SimpleUploadedFile("units.csv", DIVISION.encode()),
}


def said(world: World, value: Any) -> Any:
    """A value with every ``$word`` in it replaced by what it means."""
    if isinstance(value, Mapping):
        return {name: said(world, inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [said(world, inner) for inner in value]
    if not isinstance(value, str) or "$" not in value:
        return value
    if value.startswith("$"):
        word = value[1:]
        kind, _, place = word.partition("@")
        return WORDS[word](world) if word in WORDS else world.at(kind, place or "A")
    return re.sub(r"\$([a-z-]+)", lambda found: str(world.at(found[1])), value)


def sent_to(route: str, method: str, reading: str = "GET") -> Sent:
    """What goes with a request; HEAD is asked as GET, what nobody may do as what may be read."""
    asked = reading if method == "HEAD" else method
    known = SENT.get(f"{asked} {route}") or SENT.get(f"{reading} {route}")
    return known or (PLAIN if "{" in route else _query(city="toy"))


def unsaid(route: str, methods: Iterable[str]) -> list[str]:
    """What must be added here before the writing methods of a route can be tried."""
    return [
        f"{method} {route} is in docs/permissions.md, and nothing is sent to it: add one line, "
        f'"{method} {route}": Sent(json={{…}}), to SENT in tests/permissions/bodies.py'
        for method in sorted(set(methods) & WRITING)
        if not {f"{method} {route}", f"POST {route}"} & set(SENT)
    ]


def address(world: World, route: str, sent: Sent) -> str:
    """The route with its parameters filled."""

    def value(name: str) -> str:
        if name in sent.fill:
            return str(said(world, sent.fill[name]))
        if name == "pk":
            return str(world.at(sent.at or route.partition("/{pk}")[0].rpartition("/")[2]))
        if name not in FILL:
            raise LookupError(
                f"{route}: add what fills {{{name}}} to FILL in tests/permissions/bodies.py"
            )
        return str(said(world, FILL[name]))

    return re.sub(r"\{(\w+)\}", lambda found: value(found[1]), route)
