"""The plans of three places: drafts, one under review, one approved, one that waits for its day."""

from datetime import timedelta
from uuid import uuid4

from django.utils import timezone

from gridmap.actions import plans, publications
from gridmap.actions.plans import Remark, Wish
from gridmap.layers.fabrics import Fabric
from gridmap.layers.jobs import Job
from gridmap.layers.people import ChiefTerm
from gridmap.layers.plans import Plan
from gridmap.layers.postings import scope_of
from gridmap.layers.publications import CellHandover, Publication
from gridmap.layers.scope import Scope
from gridmap.layers.territory import Cell
from tests import quilt
from tests.permissions.world import World, canary, city_of

EVER = {"lowest": 1, "highest": 1_000}


def raise_plans(world: World) -> None:
    """By the planner and the leader of each city."""
    for place in "AB":
        quilt.lay(place)
    for place in "ABX":
        drawn_by, decided_by = (
            scope_of(world.eyes[f"{role}{'@X' if place == 'X' else ''}"])
            for role in ("planner", "leader")
        )
        _plans(world, place, drawn_by, decided_by)


def _plans(world: World, place: str, planner: Scope, leader: Scope) -> None:
    community = int(world.at("communities", place))
    for kind in ("plans", "busy", "in review", "approved", "published"):
        plan = _draft(planner, community, canary(place, "plan"))
        world.note(kind, place, plan.pk)
        if kind not in {"plans", "busy"}:
            publications.submit(by=planner, plan=plan.pk, expect_seq=1)
        if kind in {"approved", "published"}:
            publications.approve(by=leader, plan=plan.pk, expect_seq=1, note=canary(place, "plan"))
    fabric = Fabric.objects.get(community=community, current=True)
    world.note("fabrics", place, fabric.pk)
    remark = Remark(text=canary(place, "comment"), no=1)
    said = plans.comment(by=planner, plan=int(world.at("plans", place)), remark=remark)
    world.note("comments", place, said.pk)
    job = Job.objects.create(
        plan_id=world.at("busy", place), asked_by_id=planner.user_id, base_seq=0,
        asked={"mode": canary(place, "job")},
    )  # fmt: skip
    world.note("jobs", place, job.pk)
    begun = Job.objects.create(
        community_id=community, asked_by_id=planner.user_id, base_seq=0, asked={"title": "稿"}
    )
    world.note("beginnings", place, begun.pk)
    _published(world, place, leader)


def _draft(planner: Scope, community: int, title: str) -> Plan:
    """A draft with one operation, which takes no unit away from anybody."""
    plan = plans.open_draft(by=planner, community=community, title=title)
    Plan.objects.filter(pk=plan.pk).update(**EVER)
    wish = Wish(id=uuid4(), kind="edit", cells=(1,), fields={"name": title})
    plans.apply_ops(by=planner, plan=plan.pk, base_seq=0, ops=[wish])
    return plan


def _published(world: World, place: str, leader: Scope) -> None:
    """A publication that waits for its day, and an office that somebody must decide about."""
    day = timezone.localdate() + timedelta(days=2)
    plan = int(world.at("published", place))
    made = publications.publish(by=leader, plan=plan, expect_seq=1, effective_from=day)
    Publication.objects.filter(pk=made.pk).update(
        impact={**made.impact, "note": canary(place, "publication")}
    )
    world.note("publications", place, made.pk)
    cell = Cell.objects.get(pk=world.at("cells", place))
    term = ChiefTerm.objects.get(pk=world.at("cell_worker", place))
    coming = CellHandover.objects.create(
        publication=made, term=term, source=cell, target=cell, share=0.5
    )
    world.note("cell-handovers", place, coming.pk)
    assert city_of(place) == made.community.subdistrict.city
