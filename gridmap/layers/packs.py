"""Beat packs (离线包): a beat that left as one file, and how what was done with it comes back.

A pack has a secret that stands in its file. What comes back is signed with it, so that nobody
returns results for a pack that was never made, or words that were changed on the way; the pack has
an end, and can be withdrawn before.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from math import isfinite
from typing import Any, Self
from uuid import UUID, uuid4, uuid5

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from gridmap.errors import BadFile, OutOfScope, WrongState
from gridmap.layers.people import Team, TeamArea
from gridmap.layers.scope import Scope
from gridmap.layers.territory import City, Community

HEAD = "GMP1"
SEAL_BYTES = 16
MOST_SIGNS = 200_000  # of what comes back
MOST_ITEMS = 2_000
FIRST_DAY = datetime(2020, 1, 1, tzinfo=UTC)


class BeatPackQuerySet(models.QuerySet["BeatPack"]):
    def within(self, scope: Scope) -> Self:
        """Packs the caller made, and those of cells that are the caller's business."""
        mine = Q(made_by_id=scope.user_id, made_by__isnull=False)
        mine |= Q(cells__contained_by=sorted(scope.figures.cells))
        own = scope.area.rows(cities="city_id", communities="community_id")
        return self.filter(mine | own, city_id__in=scope.ground)


class BeatPack(models.Model):
    """One file that was handed out: the cells it shows, who asked for it, how long it is good."""

    uid = models.UUIDField(unique=True, default=uuid4)
    city = models.ForeignKey(City, models.CASCADE)
    community = models.ForeignKey(Community, models.CASCADE, null=True, blank=True)
    team = models.ForeignKey(Team, models.CASCADE, null=True, blank=True, related_name="packs")
    title = models.CharField(max_length=120)
    cells = ArrayField(models.BigIntegerField())
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    made_at = models.DateTimeField()
    until = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = BeatPackQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at"]
        constraints = [
            models.CheckConstraint(condition=Q(until__gt=F("made_at")), name="beatpack_until"),
            models.CheckConstraint(condition=Q(cells__len__gt=0), name="beatpack_has_cells"),
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.made_at:%F}"

    @property
    def secret(self) -> bytes:
        """The key that stands in the file; worked out, never stored."""
        text = f"beat pack {self.uid}"
        return hmac.digest(settings.SECRET_KEY.encode(), text.encode(), "sha256")

    def check_good(self, now: datetime) -> None:
        """Let only a pack pass that may still bring something back.

        Raises:
            WrongState: it has ended, or was withdrawn.
        """
        if self.withdrawn_at is not None:
            raise WrongState("这个离线包已作废，结果不能导入", reason="PackWithdrawn")
        if now > self.until:
            raise WrongState("这个离线包已过期，结果不能导入", reason="PackExpired")


@dataclass(frozen=True)
class Done:
    """One thing that was done with a pack.

    Attributes:
        client_id: the same however often it comes back.
        kind: ``s`` a stretch walked, ``e`` an entrance seen, ``r`` a report.
        at: when.
        thing: id of the stretch or entrance; 0 for a report.
        note: what was written beside it; of a report its text.
        place: of a report, longitude and latitude.
        category: of a report, the code.
    """

    client_id: UUID
    kind: str
    at: datetime
    thing: int = 0
    note: str = ""
    place: tuple[float, float] = (0.0, 0.0)
    category: str = ""


def seal_of(secret: bytes, payload: str) -> str:
    """Return the seal of what comes back, as the pack's own script makes it."""
    digest = hmac.digest(secret, payload.encode(), "sha256")[:SEAL_BYTES]
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def returned(scope: Scope, text: str, *, now: datetime) -> tuple[BeatPack, list[Done]]:
    """Read what came back from a pack: ``GMP1.<pack>.<payload>.<seal>``, blanks do not matter.

    Raises:
        BadFile: it is none, or was cut or changed on the way.
        OutOfScope: there is no such pack, or it is not the caller's business.
        WrongState: the pack has ended, or was withdrawn.
    """
    plain = "".join(text[: MOST_SIGNS + 1].split())
    parts = plain.split(".")
    if len(plain) > MOST_SIGNS or len(parts) != 4 or parts[0] != HEAD:  # noqa: PLR2004
        raise BadFile("这不是离线包的结果：应以 GMP1. 开头，中间没有缺字")
    try:
        uid = UUID(bytes=_bytes(parts[1]))
    except (ValueError, binascii.Error):
        raise BadFile("这份结果不完整，或被改动过；请从离线包重新复制") from None
    pack = BeatPack.objects.within(scope).filter(uid=uid).first()
    if pack is None:
        raise OutOfScope("没有这个离线包，或不在您的范围内")
    if not hmac.compare_digest(seal_of(pack.secret, parts[2]), parts[3]):
        raise BadFile("这份结果不完整，或被改动过；请从离线包重新复制")
    pack.check_good(now)
    return pack, _items(pack, parts[2])


def _items(pack: BeatPack, payload: str) -> list[Done]:
    """Read the list: ``{"d": phone, "n": [[number, kind, thing, seconds, note, …], …]}``."""
    try:
        told = json.loads(_bytes(payload))
        rows = told["n"][: MOST_ITEMS + 1]
        found = [_item(pack, str(told["d"])[:40], row) for row in rows]
    except (ValueError, KeyError, TypeError, IndexError, OverflowError, OSError):
        raise BadFile("这份结果读不懂；请升级离线包后重新做一次") from None
    if len(found) > MOST_ITEMS:
        raise BadFile("一份结果最多 %(most)s 条", most=MOST_ITEMS)
    return found


def _item(pack: BeatPack, phone: str, row: list[Any]) -> Done:
    number, kind, thing, seconds = int(row[0]), str(row[1]), int(row[2]), int(row[3])
    at = datetime.fromtimestamp(seconds, UTC)
    note = str(row[4]) if len(row) > 4 else ""  # noqa: PLR2004
    place, category = (0.0, 0.0), ""
    if kind == "r":
        place, category = (float(row[5]), float(row[6])), str(row[7])
    sound = isfinite(sum(place)) and 0 <= thing < 2**63 and "\0" not in note + category
    if kind not in {"s", "e", "r"} or at < FIRST_DAY or not sound:
        raise ValueError(kind)
    return Done(
        client_id=uuid5(pack.uid, f"{phone} {number}"),
        kind=kind,
        at=at,
        thing=thing,
        note=note,
        place=place,
        category=category,
    )


def teams_with_areas(scope: Scope) -> list[tuple[Team, list[int]]]:
    """Return the teams of the communities that are the caller's business, with their cells now."""
    own = scope.area.rows(cities="city_id", communities="community_id")
    areas = TeamArea.objects.filter(valid__contains=Now()).order_by("cell_id")
    teams = Team.objects.within(scope).filter(own).select_related("city")
    found = teams.prefetch_related(models.Prefetch("areas", queryset=areas))
    return [
        (team, [area.cell_id for area in team.areas.all()]) for team in found if team.areas.all()
    ]
