"""Who may do what with a plan."""

from __future__ import annotations

from gridmap.errors import OutOfScope, WrongState
from gridmap.layers.plans import Plan, Status
from gridmap.layers.scope import Scope
from gridmap.layers.territory import Community


def check(by: Scope, deed: str, community: Community) -> None:
    """Refuse a deed that is not the caller's there.

    Args:
        by: who wants to do it.
        deed: draft, review or publish; "" for what whoever may read plans may do.
        community: whose plan it is.

    Raises:
        NotYours: no posting of theirs allows it there.
    """
    if deed:
        by.must(deed, community.subdistrict.city_id, community.pk)


def opened(by: Scope, plan: int, deed: str, *statuses: str) -> Plan:
    """Return a plan, locked until the end of the transaction.

    Args:
        by: who wants it.
        plan: its id.
        deed: draft, review or publish; "" for what whoever may read it may do.
        statuses: in which the plan must be.

    Raises:
        OutOfScope: there is no such plan for the caller.
        NotYours: they may read it, but not do this.
        WrongState: it is in another state.
    """
    found = (
        Plan.objects.within(by)
        .select_related("community__subdistrict")
        .select_for_update(of=("self",))
        .filter(pk=plan)
        .first()
    )
    if found is None:
        raise OutOfScope("没有这个草案，或不在您的范围内")
    check(by, deed, found.community)
    if found.status not in statuses:
        raise WrongState(
            "草案现在是“%(status)s”，不能这样做",
            status=Status(found.status).label,
            reason="PlanStatus",
        )
    return found
