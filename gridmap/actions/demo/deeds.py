"""What people of the demo have done today, by the deeds that anybody there does.

Two cases beside a duty border: one waits for a ruling, of one it was ruled whose it is. One that is
pressed for, one whose department asks for more time, one that should not count.
"""

from __future__ import annotations

import shapely
from django.contrib.auth.models import User
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon, Point
from django.db.models import F
from shapely import shortest_line

from gridmap.actions.cases import Said, act
from gridmap.actions.demo.incidents import METRES_PER_DEGREE
from gridmap.actions.demo.stage import Stage
from gridmap.actions.evaluation import contest
from gridmap.actions.incidents import Report, report_incident
from gridmap.actions.rulings import Verdict, rule
from gridmap.layers.authority import near
from gridmap.layers.incidents import Incident, IncidentQuerySet, Light, State
from gridmap.layers.places import Building
from gridmap.layers.postings import scope_of
from gridmap.layers.rulings import JointTask
from gridmap.layers.scope import Scope
from gridmap.layers.shapes import SRID
from gridmap.layers.territory import Subdistrict

RUBBLE = "E1-03"  # in one subdistrict another department's than in the others
AT_WORK = (State.DISPATCHED, State.HANDLING)
NEAR_M = 12.0  # less than the border distance of a city
RULED_M = 15.0  # half a width of the ground that was ruled on


def load_deeds(stage: Stage) -> None:
    """Let the demo's people do what a visitor should find done."""
    stage.begin("deeds")
    duty, sanitation = _eyes("duty"), _eyes("sanitation")
    tasks = [_meet(duty, case) for case in _at_the_border(stage, duty)]
    for task in tasks[1:]:
        _rule(stage, duty, task)
    mine = Incident.objects.within(sanitation).filter(city=stage.city)
    _press(_eyes("leader"), mine)
    _ask_for_time(sanitation, mine)
    _contest(sanitation, mine)
    stage.counts["joint tasks"] = len(tasks)


def _eyes(name: str) -> Scope:
    return scope_of(User.objects.get(username=name).pk)


def _at_the_border(stage: Stage, duty: Scope) -> list[Incident]:
    """Report rubble at two houses beside the border of the subdistrict that has it otherwise.

    A small demo has no such border, and no such case.
    """
    other = Subdistrict.objects.filter(city=stage.city).order_by("code").last()
    if other is None:
        return []
    there = shapely.from_wkb(bytes(other.geom.wkb))
    houses = Building.objects.within(duty).filter(city=stage.city).exclude(address="")
    beside = houses.filter(geom__dwithin=(other.geom, NEAR_M / METRES_PER_DEGREE))
    found: list[Incident] = []
    for house in beside.exclude(community__subdistrict=other).order_by("code"):
        wall = shortest_line(shapely.from_wkb(bytes(house.geom.wkb)), there).coords[0]
        place = Point(wall[0], wall[1], srid=SRID)
        sides = {side.subdistrict_id for side in near(stage.city.pk, place)}
        if len(sides) > 1 and duty.may("report", stage.city.pk, house.community_id):
            found.append(_report(duty, place, house.address))
        if len(found) == 2:  # noqa: PLR2004 - one to rule on, one that waits
            break
    return found


def _report(duty: Scope, place: Point, address: str) -> Incident:
    report = Report(
        place=place, category=RUBBLE, title=f"建筑垃圾 · {address}旁", address=f"{address}旁",
        text="装修后的砖块堆在两个街道的交界上。",
    )  # fmt: skip
    made, _new = report_incident(by=duty, report=report)
    return made


def _meet(duty: Scope, case: Incident) -> JointTask:
    """Let a case come to where everybody who might be responsible has to meet."""
    for verb, said in (
        ("verify", Said(finding=True, why="现场看过")),
        ("file", Said()),
        ("dispatch", Said()),
    ):
        act(by=duty, incident=case.pk, verb=verb, said=said)
    return JointTask.objects.within(duty).get(incident=case)


def _rule(stage: Stage, duty: Scope, task: JointTask) -> None:
    place = task.incident.place
    around = shapely.Point(place.x, place.y).buffer(RULED_M / METRES_PER_DEGREE)
    verdict = Verdict(
        geom=MultiPolygon(GEOSGeometry(memoryview(around.wkb), srid=place.srid)),
        department=stage.departments["urban"],
        why="现场会勘：砖块在街道红线以内",
    )
    rule(by=duty, task=task.pk, verdict=verdict)


def _press(leader: Scope, mine: IncidentQuerySet) -> None:
    """Press for what is late."""
    late = mine.filter(state__in=AT_WORK, light=Light.LATE).order_by("due").first()
    if late is not None:
        why = Said(why="居民反映了几次，请今天办结")
        act(by=leader, incident=late.pk, verb="supervise", said=why)


def _ask_for_time(sanitation: Scope, mine: IncidentQuerySet) -> None:
    """Ask for a day more, of what will be due soon."""
    soon = mine.filter(state=State.HANDLING, light=Light.SOON).order_by("due").first()
    if soon is not None:
        wish = Said(why="清运车在检修", amount=1, unit="work_day")
        act(by=sanitation, incident=soon.pk, verb="ask_extension", said=wish)


def _contest(sanitation: Scope, mine: IncidentQuerySet) -> None:
    """Hold that a case that was closed late should not count."""
    late = mine.filter(state=State.CLOSED, closed_at__gt=F("due")).order_by("closed_at").last()
    if late is not None:
        why = "当天停水，路面无法冲洗"
        contest(by=sanitation, incident=late.pk, rate="closed_in_time", why=why)
