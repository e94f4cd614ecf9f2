"""Keeping the figures of a period, contesting a case in them, and deciding a contest."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from gridmap.errors import BadValue, NotYours, OutOfScope, WrongState
from gridmap.layers import evaluation, journal
from gridmap.layers.assessments import Contest, Evaluation, counted, left_out
from gridmap.layers.evaluation import RATES, VERSION
from gridmap.layers.facts import Period, facts_of
from gridmap.layers.incidents import Incident
from gridmap.layers.scope import Scope, Spot
from gridmap.layers.territory import City

GROUPS = ("all", "department", "community")


@transaction.atomic
def keep_evaluation(*, by: Scope, city: City, period: Period) -> Evaluation:
    """Compute the figures of a period that is over and keep them beside those kept before.

    Raises:
        NotYours: the caller may not do this in all of the city.
        BadValue: the period is not over.
    """
    by.must("keep_evaluation", city.pk)
    now = timezone.now()
    if not period.since < period.until <= now:
        raise BadValue("只能保存已经结束的时段")
    found = facts_of(by, city, period)
    without = left_out(city, now)
    values = {
        group: {
            str(unit): counted(evaluation.figures_of(facts, period, without))
            for unit, facts in evaluation.grouped(found, group).items()
        }
        for group in GROUPS
    }
    kept = Evaluation.objects.create(
        city=city, since=period.since, until=period.until, version=VERSION, made_at=now,
        made_by_id=by.user_id, values=values,
        left_out={rate: sorted(ids) for rate, ids in without.items()},
    )  # fmt: skip
    journal.record(
        by=by, verb="keep_evaluation", subject=kept, where=(city.pk, None, None),
        change=({}, {"since": period.since.isoformat(), "until": period.until.isoformat(),
                     "version": VERSION, "all": values["all"]}),
    )  # fmt: skip
    return kept


def _held(by: Scope, pk: int) -> Incident:
    found = Incident.objects.within(by).filter(pk=pk).first()
    if found is None:
        raise OutOfScope("没有找到，或不在您的范围内")
    return found


@transaction.atomic
def contest(*, by: Scope, incident: int, rate: str, why: str) -> Contest:
    """Hold that a case should not count in a rate.

    Raises:
        OutOfScope: the incident is not the caller's business.
        NotYours: the caller may not contest there.
        BadValue: there is no such rate, or no reason.
        WrongState: that is contested already.
    """
    case = _held(by, incident)
    by.must_at("contest", Spot(case.city_id, case.community_id, case.cell_id))
    if rate not in RATES:
        raise BadValue("没有叫 %(rate)s 的指标", rate=rate[:40])
    if not why.strip():
        raise BadValue("须写明理由或说明", field="why")
    if Contest.objects.filter(incident=case, rate=rate, decided_at=None).exists():
        raise WrongState("同样的异议还没有答复", reason="AskedAlready")
    made = Contest.objects.create(
        incident=case, rate=rate, why=why, asked_by_id=by.user_id, asked_at=timezone.now()
    )
    journal.record(
        by=by, verb="contest", subject=made,
        where=(case.city_id, case.community_id, case.cell_id),
        change=({}, {"incident": case.pk, "rate": rate}), why=why,
    )  # fmt: skip
    return made


@transaction.atomic
def decide_contest(*, by: Scope, contest: int, upheld: bool, answer: str) -> Contest:
    """Decide a contest; figures computed from now on follow it, those that were kept stay.

    Raises:
        OutOfScope: there is none, or it is not the caller's business.
        NotYours: the caller may not decide, or asked it.
        WrongState: it is decided.
    """
    rows = Contest.objects.within(by).select_for_update(of=("self",)).select_related("incident")
    held = rows.filter(pk=contest).first()
    if held is None:
        raise OutOfScope("没有找到，或不在您的范围内")
    case = held.incident
    by.must_at("decide_contest", Spot(case.city_id, case.community_id, case.cell_id))
    if held.asked_by_id is not None and held.asked_by_id == by.user_id:
        raise NotYours("自己的申请须由别人批复", verb="decide_contest")
    if held.decided_at is not None:
        raise WrongState("这份申请已经批复", reason="Decided")
    held.upheld, held.answer = upheld, answer
    held.decided_at, held.decided_by_id = timezone.now(), by.user_id
    held.save()
    journal.record(
        by=by, verb="decide_contest", subject=held,
        where=(case.city_id, case.community_id, case.cell_id),
        change=({}, {"incident": case.pk, "rate": held.rate, "upheld": upheld}), why=answer,
    )  # fmt: skip
    return held
