"""Spreading the word: what waits in the outbox becomes notices for users and messages that go out.

One row of the outbox is one transaction: told once, however many workers share it and whenever one
of them dies. A row that cannot be told is tried a few times, then set aside; the others go on.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import Error, connection, transaction
from django.db.models import F, Model
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from gridmap.layers.assessments import Contest
from gridmap.layers.channels import hears, language_of, named_in_settings
from gridmap.layers.deliveries import Delivery
from gridmap.layers.hearers import TOLD, Matter, asker_of, hearers
from gridmap.layers.incidents import Incident
from gridmap.layers.journal import Entry
from gridmap.layers.names import named, place_name
from gridmap.layers.notices import Notice, NoticeWish, Outbox, word_of
from gridmap.layers.people import ChiefTerm
from gridmap.layers.plans import Plan
from gridmap.layers.postings import scope_of
from gridmap.layers.publications import Publication

log = logging.getLogger(__name__)

KEPT = timedelta(days=90)  # a notice is no archive: the journal is
WAITS = timedelta(days=7)  # what no worker came for in this time is news no more
TRIES = 5
DIGEST_HOUR = 8  # o'clock, in the zone of the interface
MOST_IN_DIGEST = 100
WAYS: dict[str, Any] = {
    "incident": Incident.objects.select_related(
        "city", "community__subdistrict", "department", "category", "building", "lane", "street"
    ),
    "plan": Plan.objects.select_related("community__subdistrict__city"),
    "publication": Publication.objects.select_related("plan", "community__subdistrict__city"),
    "chiefterm": ChiefTerm.objects.select_related("person__city"),
}
COLUMNS = {"incident": "incident", "plan": "plan", "publication": "publication",
           "chiefterm": "term"}  # fmt: skip


def spread_one() -> bool:
    """Tell one thing that waits; return whether there was one."""
    with transaction.atomic():
        waiting = Outbox.objects.select_for_update(skip_locked=True).filter(stuck=False)
        row = waiting.order_by("tries", "pk").first()
        if row is None:
            return False
        try:
            with transaction.atomic():
                _tell(row)
        except Exception as fault:
            if isinstance(fault, Error) and _is_gone():  # that is not the row's fault
                raise
            _set_aside(row, fault)  # one row must not hold up the others
        else:
            row.delete()
    return True


def _is_gone() -> bool:
    """Whether the database no longer answers on this connection."""
    held = connection.connection
    return held is None or bool(held.closed)


def _set_aside(row: Outbox, fault: Exception) -> None:
    log.error("%s could not be told: %s", row.key, fault, exc_info=fault)
    Outbox.objects.filter(pk=row.pk).update(
        tries=F("tries") + 1, stuck=row.tries + 1 >= TRIES, trouble=type(fault).__name__[:80]
    )


def _tell(row: Outbox) -> None:
    told = TOLD.get((row.subject_kind, row.verb))
    if told is None:
        return
    matter = _matter(row)
    if matter is None:  # it is gone, and nobody can open it
        return
    column = COLUMNS[matter.about._meta.model_name or ""]
    wishes = _wishes(hearers(matter, told.ears), told.kind)
    hearing = [
        user
        for user, wish in sorted(wishes.items())
        if (wish is None or wish.wanted) and _may_open(user, matter)
    ]
    Notice.objects.bulk_create(
        [
            Notice(
                user_id=user, city=matter.city, kind=told.kind, key=row.key, verb=row.verb,
                at=row.at, **{column: matter.about},
            )
            for user in hearing
        ],
        ignore_conflicts=True,
    )  # fmt: skip
    mailed = [user for user in hearing if (wish := wishes[user]) and wish.mail == "once"]
    _send_out(matter, told.kind, mailed)


def _matter(row: Outbox) -> Matter | None:
    """Return what a row is about; what hangs on an incident is told as its own."""
    kind, pk = row.subject_kind, row.subject_id
    if kind == "contest":
        found = Contest.objects.filter(pk=pk).values_list("incident", flat=True).first()
        kind, pk = "incident", found or 0
    about = WAYS[kind].filter(pk=pk).first()
    if about is None:
        return None
    entry = Entry.objects.filter(pk=row.entry).first() if row.entry else None
    return Matter(row, entry, about, asker_of(row))


def _wishes(users: Iterable[int], kind: str) -> dict[int, NoticeWish | None]:
    found: dict[int, NoticeWish | None] = dict.fromkeys(users)
    for wish in NoticeWish.objects.filter(user_id__in=found, kind=kind):
        found[wish.user_id] = wish
    return found


def _may_open(user: int, matter: Matter) -> bool:
    """Whether it lies in the user's scope now: nobody hears of what they may not open."""
    scope, about = scope_of(user), matter.about
    if isinstance(about, Incident):
        own = about.reporter_id == user
        return own or Incident.objects.within(scope).filter(pk=about.pk).exists()
    if isinstance(about, Plan):
        return Plan.objects.within(scope).filter(pk=about.pk).exists()
    return matter.city.pk in scope.ground


def _send_out(matter: Matter, kind: str, mailed: list[int]) -> None:
    row, about = matter.row, matter.about
    own = matter.city.language
    mail = str(Delivery.Channel.MAIL)
    wanted = [(mail, str(user), own) for user in mailed if settings.EMAIL_HOST]
    if isinstance(about, Incident):
        wanted += [
            (way, one["name"], language_of(one, matter.city))
            for way, one in named_in_settings()
            if hears(one, kind, about)
        ]
    bodies = {
        language: message(row.verb, kind, about, row.at, language)
        for language in {language for *_who, language in wanted}
    }
    Delivery.objects.bulk_create(
        [
            Delivery(
                city=matter.city, channel=channel, target=target, about=row.key,
                body=bodies[language],
            )
            for channel, target, language in wanted
        ],
        ignore_conflicts=True,
    )  # fmt: skip


def message(verb: str, kind: str, about: Model, at: datetime, language: str) -> dict[str, Any]:
    """Return what leaves the house: number, sort and place, no words of anybody, no person."""
    with translation.override(language):
        return _message(verb, kind, about, at) | {"language": language}


def _message(verb: str, kind: str, about: Model, at: datetime) -> dict[str, Any]:
    found: dict[str, Any] = {
        "verb": verb,
        "kind": kind,
        "word": _(word_of(verb)),
        "at": at.isoformat(),
    }
    if isinstance(about, Incident):
        found |= {
            "number": about.number,
            "category": named(about.category),
            "city": about.city.slug,
            "place": place_name(_place(about)),
            "community": place_name(about.community.name) if about.community else "",
            "department": named(about.department),
            "state": about.state,
            "light": about.light,
            "due": about.due.isoformat() if about.due else None,
            "path": f"/cases/{about.number}?city={about.city.slug}",
        }
    else:
        community = getattr(about, "community", None)
        found |= {"community": place_name(community.name) if community else "", "path": "/inbox"}
    return found


def _place(case: Incident) -> str:
    """Return the name of the thing it lies at, from the registers: its own address may be typed."""
    building = case.building and (case.building.name or case.building.address)
    way = case.lane or case.street
    return building or (way.name if way else "")


def gather(now: datetime | None = None) -> int:
    """Put a day's unread notices into one mail for each who wants that; return how many mails.

    From `DIGEST_HOUR` on, what came in the 24 hours before; once a day, whoever asks first.
    """
    local = timezone.localtime(now, ZoneInfo(settings.TIME_ZONE))
    if not settings.EMAIL_HOST or local.hour < DIGEST_HOUR:
        return 0
    until = local.replace(hour=DIGEST_HOUR, minute=0, second=0, microsecond=0)
    wishes: dict[int, list[str]] = {}
    for user, kind in NoticeWish.objects.filter(mail="daily").values_list("user_id", "kind"):
        wishes.setdefault(user, []).append(kind)
    gone = _gathered(until.date(), wishes)
    made = 0
    for user, kinds in wishes.items():
        if str(user) not in gone:
            made += _gather_for(user, kinds, until)
    return made


def _gathered(day: date, users: Iterable[int]) -> set[str]:
    rows = Delivery.objects.filter(
        channel=Delivery.Channel.MAIL, about=f"day {day:%F}", target__in=map(str, users)
    )  # fmt: skip
    return set(rows.values_list("target", flat=True))


def _gather_for(user: int, kinds: list[str], until: datetime) -> int:
    fresh = Notice.objects.within(scope_of(user)).unread().filter(
        kind__in=kinds, at__lt=until, at__gte=until - timedelta(days=1)
    )  # fmt: skip
    rows = list(fresh.select_related(
        "incident__category", "incident__community", "incident__department", "incident__city",
        "incident__building", "incident__lane", "incident__street",
        "plan__community", "publication__community", "term", "city",
    )[:MOST_IN_DIGEST])  # fmt: skip
    if not rows:
        return 0
    language = rows[0].city.language
    told = [message(row.verb, row.kind, row.about, row.at, language) for row in rows]
    _, made = Delivery.objects.get_or_create(
        channel=Delivery.Channel.MAIL, target=str(user), about=f"day {until:%F}",
        defaults={
            "city": rows[0].city,
            "body": {"day": f"{until:%F}", "language": language, "told": told},
        },
    )  # fmt: skip
    return int(made)


def forget_old(now: datetime | None = None) -> int:
    """Delete old notices, deliveries that have ended, and what nobody came for; return how many."""
    now = now or timezone.now()
    gone, _ = Notice.objects.filter(at__lt=now - KEPT).delete()
    ended = Delivery.objects.filter(made_at__lt=now - KEPT).exclude(state="waiting")
    sent, _ = ended.delete()
    late, _ = Outbox.objects.filter(at__lt=now - WAITS, stuck=False).delete()
    if late:
        log.warning("%s changes were told to nobody: no worker came for them in a week", late)
    return gone + sent + late
