"""A plan's way is told to who drew it, who reviews it, and who works on the ground it changes."""

from __future__ import annotations

from typing import cast

from gridmap.actions import publications
from gridmap.layers.notices import Notice
from gridmap.layers.plans import Plan
from gridmap.layers.postings import Role
from gridmap.layers.publications import Publication
from gridmap.layers.scope import Scope
from tests import town as toy
from tests.actions.plans.drawing import Draw, excuse, paint, through
from tests.notices.conftest import tell, told


def test_a_draft_goes_to_who_reviews_and_comes_back_to_who_drew(
    draw: Draw,
    gu: Scope,
    ma: Scope,
) -> None:
    toy.posted("cadre", "A")
    plan = draw(paint("La1c"))
    publications.submit(by=gu, plan=plan.pk, expect_seq=1)
    tell()
    assert told("submit_plan") == {"ma"}
    publications.send_back(by=ma, plan=plan.pk, note="江滨路一侧再看看")
    tell()
    assert told("return_plan") == {"gu"}
    row = Notice.objects.get(verb="return_plan")
    assert (row.kind, cast("Plan", row.about).pk) == ("plan", plan.pk)


def test_a_publication_is_told_to_all_who_work_on_its_ground_and_to_nobody_beside(
    draw: Draw,
    gu: Scope,
    ma: Scope,
) -> None:
    for name, role in (("worker", Role.WORKER), ("duty", Role.DISPATCHER), ("chief", Role.CHIEF)):
        toy.posted(name, role=role)
    toy.posted("cadre", "A")
    toy.posted("cadre_b", "B")
    published = through(draw(paint("BB1", "La1c", "La1f"), excuse(1)), gu, ma)
    tell()
    assert told("publish_plan") == {"gu", "worker", "duty", "cadre"}, "and not ma, who did it"
    row = Notice.objects.get(verb="publish_plan", user__username="cadre")
    assert cast("Publication", row.about).pk == published.pk
