"""Keeping reference data: the only writes behind the administration's pages."""

from datetime import date, datetime

from django.db import models, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from gridmap.errors import NoSuchPlace, OutOfScope, WrongState
from gridmap.layers import journal
from gridmap.layers.calendars import CalendarDay, WorkSlot
from gridmap.layers.catalogue import Authority, Milestone, Standard, StepLimit
from gridmap.layers.checklists import CheckItem
from gridmap.layers.city_settings import CitySetting
from gridmap.layers.incidents import Category
from gridmap.layers.intervals import IntervalRule
from gridmap.layers.lines import CommunityLine, DutyPoint
from gridmap.layers.people import Department
from gridmap.layers.scope import Scope
from gridmap.layers.territory import City, Subdistrict

KEPT: tuple[type[models.Model], ...] = (
    City, Department, Category, CheckItem, CalendarDay, WorkSlot, CitySetting, Standard, Milestone,
    StepLimit, Authority, IntervalRule, CommunityLine, DutyPoint,
)  # fmt: skip


def _city_of(row: models.Model) -> int:
    return int(row.pk if isinstance(row, City) else getattr(row, "city_id", None) or 0)


def _difference(before: models.Model, row: models.Model) -> tuple[dict[str, object], ...]:
    old, new = journal.values_of(before), journal.values_of(row)
    changed = {
        field.attname
        for field in row._meta.concrete_fields
        if getattr(before, field.attname) != getattr(row, field.attname)
    }
    return tuple({key: side[key] for key in sorted(changed)} for side in (old, new))


def _began(row: models.Model) -> bool:
    """Whether the row is or was in force; what has no time never counts as such."""
    valid = getattr(row, "valid", None)
    if valid is None:
        return isinstance(row, CalendarDay) and row.day <= timezone.localdate()
    return valid.lower is None or valid.lower <= _now(valid.lower)


def _now(like: object) -> date | datetime:
    return timezone.now() if isinstance(like, datetime) else timezone.localdate()


def _refuse_rewriting(before: models.Model, row: models.Model) -> None:
    """Let a row that has begun be ended, not rewritten.

    Raises:
        WrongState: it is rewritten, or ended in the past.
    """
    if not _began(before):
        return
    changed = set(_difference(before, row)[1])
    if changed - {"valid"} or (changed and before.valid.lower != row.valid.lower):  # type: ignore[attr-defined]
        raise WrongState("已经生效的记录不能改写：请填写它的结束时间，再新建一条")
    upper = row.valid.upper if changed else None  # type: ignore[attr-defined]
    if upper is not None and upper < _now(upper):
        raise WrongState("结束时间不能早于现在")


def _refuse_leaving_out(row: models.Model) -> None:
    """Let no city shrink away from under its subdistricts, and no duty point stand outside.

    Raises:
        NoSuchPlace: a duty point lies outside its city.
        WrongState: the bounds leave a subdistrict out.
    """
    if isinstance(row, DutyPoint) and not row.city.bounds.covers(row.place):
        raise NoSuchPlace("这个地点在城市范围之外")
    if not isinstance(row, City):
        return
    outside = Subdistrict.objects.filter(city=row).exclude(geom__coveredby=row.bounds)
    if outside.exists():
        names = "、".join(outside.values_list("name", flat=True)[:5])
        raise WrongState("这个范围没有包住：%(names)s", names=names)


@transaction.atomic
def keep(*, by: Scope, row: models.Model, why: str = "") -> models.Model:
    """Add or change one row of reference data.

    Args:
        by: who; must administer the row's city, and the one it belonged to so far.
        row: as it shall be; validated.
        why: the reason, for the journal.

    Raises:
        OutOfScope: this is no reference data.
        NotYours: the caller does not administer that city.
        NoSuchPlace: a duty point outside its city.
        WrongState: it is in force already.
    """
    if not isinstance(row, KEPT) or (isinstance(row, City) and row.pk is None):
        raise OutOfScope("没有找到，或不在您的范围内")
    by.must("administer", _city_of(row))
    rows = type(row)._default_manager.select_for_update()
    before = rows.filter(pk=row.pk).first() if row.pk else None
    change: tuple[dict[str, object], ...] = ({}, journal.values_of(row))
    if before is not None:
        by.must("administer", _city_of(before))
        _refuse_rewriting(before, row)
        change = _difference(before, row)
    _refuse_leaving_out(row)
    row.save()
    journal.record(
        by=by,
        verb="change" if before is not None else "add",
        subject=row,
        where=(_city_of(row), None, None),
        change=(change[0], change[1]),
        why=why,
    )
    return row


@transaction.atomic
def remove(*, by: Scope, row: models.Model, why: str = "") -> None:
    """Take away a row that was never in force and that nothing refers to.

    Raises:
        OutOfScope: this is no reference data.
        NotYours: the caller does not administer its city.
        WrongState: it is or was in force, or something refers to it.
    """
    if not isinstance(row, KEPT) or isinstance(row, City):
        raise OutOfScope("没有找到，或不在您的范围内")
    by.must("administer", _city_of(row))
    if _began(row):
        raise WrongState("已经生效的记录不能删除：请填写它的结束时间")
    before, key = journal.values_of(row), row.pk
    try:
        row.delete()
    except ProtectedError as used:
        raise WrongState(
            "还有 %(n)s 条记录在用它，不能删除", n=len(used.protected_objects)
        ) from used
    row.pk = key
    journal.record(
        by=by, verb="remove", subject=row, where=(_city_of(row), None, None),
        change=(before, {}), why=why,
    )  # fmt: skip
