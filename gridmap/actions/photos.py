"""Adding photos to an incident, and taking them away again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from django.db import transaction

from gridmap.errors import BadFile, BadValue, NotYours, OutOfScope
from gridmap.geo.photos import cleaned
from gridmap.layers import journal
from gridmap.layers.incidents import Incident
from gridmap.layers.photos import Photo, keep, lock_file
from gridmap.layers.rights import RESIDENT
from gridmap.layers.scope import Scope


def is_yours_to_show(*, by: Scope, incident: Incident) -> bool:
    """Return whether the caller may add photos: who reports there, or handles it."""
    handles = incident.department_id in by.departments or (
        (incident.department_id, incident.community_id) in by.assigned
    )
    return handles or by.may_at("report", incident.spot)


@transaction.atomic
def add_photo(
    *, by: Scope, incident: int, data: bytes, moment: str = Photo.Moment.LATER
) -> tuple[Photo, bool]:
    """Keep a photo of an incident; the same picture again changes nothing.

    Args:
        by: who sends it; must see the incident, and report there or handle it.
        incident: its id.
        data: the file as it came.
        moment: one of `Photo.Moment`.

    Returns:
        The photo, and whether it is new.

    Raises:
        BadFile: no photo that can be kept.
        OutOfScope: no such incident, or not the caller's.
        NotYours: the caller's posts do not include it.
        BadValue: the incident has as many as it may have.
    """
    case = Incident.objects.within(by).filter(pk=incident).first()
    if case is None:
        raise OutOfScope("没有找到，或不在您的范围内")
    if not is_yours_to_show(by=by, incident=case):
        raise NotYours("您的岗位在这里不能做这件事", verb="report")
    role = min(by.roles, default=RESIDENT)
    photo, new = keep(case, cleaned(data), moment=moment, by=by.user_id, role=role)
    if new:
        _record(by, "add_photo", case, ({}, {"photo": str(photo.uid)}))
    return photo, new


@transaction.atomic
def add_photos(*, by: Scope, incident: int, files: Sequence[bytes]) -> int:
    """Keep all of several photos of an incident, or none of them.

    Returns:
        How many are new; the others were there already.

    Raises:
        BadFile, BadValue: of one of them; ``detail.photo`` is its number among several, from 1.
        OutOfScope: no such incident, or not the caller's.
        NotYours: the caller's posts do not include it.
    """
    found = 0
    for number, data in enumerate(files, start=1):
        try:
            _photo, new = add_photo(by=by, incident=incident, data=data)  # writes the _record(…)
        except (BadFile, BadValue) as refusal:
            if len(files) > 1:
                refusal.detail["photo"] = number
            raise
        found += new
    return found


def _record(
    by: Scope, verb: str, case: Incident, change: tuple[dict[str, object], dict[str, object]]
) -> None:
    where = (case.city_id, case.community_id, case.cell_id)
    journal.record(by=by, verb=verb, subject=case, where=where, change=change)


@transaction.atomic
def remove_photo(*, by: Scope, photo: UUID) -> None:
    """Delete a photo: whoever sent it, and who closes cases there.

    The file goes when no other photo shows the same picture. The journal keeps that it was there.

    Raises:
        OutOfScope: no such photo, or not the caller's.
        NotYours: somebody else's.
    """
    found = Photo.objects.within(by).select_related("incident").filter(uid=photo).first()
    if found is None:
        raise OutOfScope("没有找到，或不在您的范围内")
    own = by.user_id is not None and found.by_id == by.user_id
    if not own and not by.may_at("close", found.incident.spot):
        raise NotYours("您的岗位在这里不能做这件事", verb="close")
    sha256, paths = found.sha256, (found.path, found.small_path)
    lock_file(sha256)
    found.delete()
    if not Photo.objects.filter(sha256=sha256).exists():
        transaction.on_commit(lambda: _unlink(sha256, paths))
    _record(by, "remove_photo", found.incident, ({"photo": str(photo)}, {}))


def _unlink(sha256: str, paths: tuple[Path, ...]) -> None:
    """Delete the files, unless somebody sent the same picture meanwhile."""
    with transaction.atomic():
        lock_file(sha256)
        if not Photo.objects.filter(sha256=sha256).exists():
            for path in paths:
                path.unlink(missing_ok=True)
