"""What residents do with their reports, and what staff does with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.db import transaction
from django.utils import timezone

from gridmap.actions.incidents import Report, report_incident
from gridmap.errors import BadValue, OutOfScope, WrongState
from gridmap.geo.photos import cleaned
from gridmap.layers import journal
from gridmap.layers.incidents import Category, Incident
from gridmap.layers.letters import Letter, hash_of, secret_of
from gridmap.layers.photos import Photo, keep
from gridmap.layers.rights import RESIDENT
from gridmap.layers.scope import Scope

MOST_AT_ONCE = 3  # photos sent with a report
TITLE = 120


@transaction.atomic
def send_letter(
    *, by: Scope, report: Report, private: bool = False, photos: Sequence[bytes] = ()
) -> tuple[Letter, str, bool]:
    """Report something without an account.

    Args:
        by: `gridmap.layers.postings.resident_scope()`.
        report: what is told; its ``client_id`` makes the secret, so that a retry leads to the same.
            Without a title the category and the address make one.
        private: only those who work on it shall read it.
        photos: files as they came.

    Returns:
        The letter, its secret, and whether it is new.

    Raises:
        BadGeometry, OutOfScope, BadValue, WrongState: as `report_incident`.
        BadFile: a photo that cannot be kept.
    """
    if report.client_id is None:
        raise BadValue("表单不完整，请重新打开再填一次")
    if len(photos) > MOST_AT_ONCE:
        raise BadValue("一次最多 %(most)s 张照片", most=MOST_AT_ONCE)
    secret = secret_of(report.client_id)
    told = report
    if not report.title:
        derived = (report.derived or frozenset()) | {"title"}
        told = replace(report, title=_title(report), derived=derived)
    case, new = report_incident(by=by, report=replace(told, source=Incident.Source.RESIDENT))
    if not new:
        return Letter.objects.get(incident=case), secret, False
    letter = Letter.objects.create(incident=case, secret_hash=hash_of(secret), private=private)
    for data in photos:
        keep(case, cleaned(data), moment=Photo.Moment.REPORT, by=by.user_id, role=RESIDENT)
    _record(by, "send_letter", case, {}, {"private": private, "photos": len(photos)})
    return letter, secret, True


def _title(report: Report) -> str:
    first = Category.objects.filter(code=report.category, city__bounds__covers=report.place).first()
    name = first.name if first else report.category
    return f"{name} · {report.address}"[:TITLE] if report.address else name


def _record(
    by: Scope, verb: str, case: Incident, before: dict[str, object], after: dict[str, object]
) -> None:
    where = (case.city_id, case.community_id, case.cell_id)
    journal.record(by=by, verb=verb, subject=case, where=where, change=(before, after))


@transaction.atomic
def judge_letter(*, by: Scope, incident: int, show: bool) -> Letter:
    """Let the public read a resident's report, or not.

    Raises:
        OutOfScope: no such incident, not the caller's, or no resident's.
        NotYours: the caller's posts do not include it.
        WrongState: the resident wished it private.
    """
    rows = Letter.objects.within(by).select_related("incident").select_for_update(of=("self",))
    letter = rows.filter(incident_id=incident).first()
    if letter is None:
        raise OutOfScope("没有找到，或不在您的范围内")
    by.must_at("verify", letter.incident.spot)
    if show and letter.private:
        raise WrongState("上报人要求不公开")
    before = letter.state
    letter.state = Letter.State.SHOWN if show else Letter.State.HIDDEN
    letter.judged_by_id, letter.judged_at = by.user_id, timezone.now()
    letter.save()
    _record(by, "judge_letter", letter.incident, {"state": before}, {"state": letter.state})
    return letter
