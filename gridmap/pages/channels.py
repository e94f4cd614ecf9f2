"""Channels, for whoever minds them: what arrived, what waits, what was set aside and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Case, Q, QuerySet, When
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from gridmap.actions.notices import drop_delivery, drop_untold, send_again, tell_again
from gridmap.errors import Refusal
from gridmap.layers.channels import Standing, standings
from gridmap.layers.deliveries import SET_ASIDE, Delivery
from gridmap.layers.incidents import Incident
from gridmap.layers.names import named, place_name
from gridmap.layers.notices import Kind, Outbox, word_of
from gridmap.layers.postings import scope_of
from gridmap.layers.scope import Scope
from gridmap.layers.territory import City
from gridmap.layers.troubles import in_words
from gridmap.pages.case import refused
from gridmap.pages.chiefs import number
from gridmap.pages.desk import desk
from gridmap.pages.refusals import turn_away

MOST = 100  # messages on a page, and in one deed


@dataclass(frozen=True)
class Message:
    """One message in trouble, or one change that could not be told.

    Attributes:
        row: of the database.
        word: what happened.
        case: the incident it is about, where the reader may open it.
        reason: why it did not arrive, in words.
    """

    row: Delivery | Outbox
    word: str
    case: Incident | None
    reason: str

    @property
    def kind(self) -> str:
        """The category and community of its case, in the reader's language."""
        if self.case is None:
            return ""
        community = self.case.community
        place = place_name(community.name) if community else ""
        return " · ".join(filter(None, (named(self.case.category), place)))

    @property
    def made(self) -> datetime:
        """When it happened, or was written for its channel."""
        return self.row.made_at if isinstance(self.row, Delivery) else self.row.at

    @property
    def tried(self) -> str:
        """How often it was tried."""
        return ngettext("试了 %(n)s 次", "试了 %(n)s 次", self.row.tries) % {"n": self.row.tries}

    @property
    def state(self) -> str:
        """How it stands, in a word."""
        return _(str(self.row.get_state_display())) if isinstance(self.row, Delivery) else ""


@dataclass(frozen=True)
class Card:
    """One channel on the page, with its messages in trouble."""

    standing: Standing
    way: str
    kinds: list[str]
    rows: list[Message]

    @property
    def area(self) -> str:
        """Of which community it hears."""
        area = self.standing.told.get("community")
        return place_name(area.name) if area else _("所有社区")

    @property
    def office(self) -> str:
        """Of which department it hears."""
        return named(self.standing.told.get("department")) or _("所有部门")

    @property
    def language(self) -> str:
        """In which language it is written to, by that language's own name."""
        return dict(settings.LANGUAGES).get(self.standing.told.get("language", ""), "")

    @property
    def retried(self) -> list[int]:
        """Numbers of those that can be sent again with no look into the group."""
        unsure = Delivery.State.UNSURE
        return [one.row.pk for one in self.rows if getattr(one.row, "state", "") != unsure]

    @property
    def dropped(self) -> list[int]:
        """Numbers of those that wait for a person."""
        return [one.row.pk for one in self.rows if getattr(one.row, "state", "") in SET_ASIDE]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def channels_page(request: HttpRequest) -> HttpResponse:
    """How each channel of a city stands; whoever minds none finds nothing."""
    scope = scope_of(request.user.pk or 0)
    cities = City.objects.within(scope).filter(pk__in=scope.cities_where("carry"))
    cities = cities.order_by("demo", "slug")
    slug = request.GET.get("city", "")
    city = (cities.filter(slug=slug) if slug else cities).first()
    if city is None:
        raise Http404(_("没有找到，或不在您的范围内"))
    if request.method == "POST":
        _do(request, scope, city)
        return HttpResponseRedirect(f"{reverse('channels')}?city={city.slug}")
    sent, untold = _messages(scope, city)
    context = {
        "here": "inbox",
        "city": city,
        "cities": cities,
        "cards": [_card(one, sent[one.way, one.name]) for one in standings(scope, city)],
        "untold": untold,
        "most": MOST,
    }
    return desk(request, "channels.html", scope, context)


def _card(standing: Standing, rows: list[Message]) -> Card:
    way = _(str(Delivery.Channel(standing.way).label))
    kinds = [_(str(Kind(kind).label)) for kind in standing.told.get("kinds", ())
             if kind in Kind.values]  # fmt: skip
    return Card(standing, way, kinds, rows)


def _messages(
    scope: Scope, city: City
) -> tuple[dict[tuple[str, str], list[Message]], list[Message]]:
    """Return messages in trouble by channel, and changes that could not be told.

    What waits for a person comes first, then what is tried again; the newest before older ones.
    """
    waiting = Delivery.State.WAITING
    troubled = Q(state__in=SET_ASIDE) | Q(state=waiting) & ~Q(trouble="")
    rows = Delivery.objects.within(scope).filter(troubled, city=city)
    aside_first = rows.order_by(Case(When(state=waiting, then=1), default=0), "-pk")
    sent = list(aside_first[:MOST])
    untold = list(
        Outbox.objects.within(scope).of_cities([city.pk]).stuck().order_by("-pk")[:MOST]
    )  # fmt: skip
    cases = Incident.objects.within(scope).filter(city=city).select_related(
        "category", "community"
    )  # fmt: skip
    numbers = {row.body.get("number", "") for row in sent}
    by_number = {case.number: case for case in cases.filter(number__in=numbers)}
    about = [row.subject_id for row in untold if row.subject_kind == "incident"]
    by_pk = {case.pk: case for case in cases.filter(pk__in=about)}
    found: dict[tuple[str, str], list[Message]] = defaultdict(list)
    for row in sent:
        name = "" if row.channel == Delivery.Channel.MAIL else row.target
        case = by_number.get(row.body.get("number", ""))
        found[row.channel, name].append(Message(row, _what(row), case, in_words(row.trouble)))
    return found, [
        Message(
            row,
            _(word_of(row.verb)),
            by_pk.get(row.subject_id) if row.subject_kind == "incident" else None,
            _("程序出错（%(fault)s），详情在服务器日志里") % {"fault": row.trouble or "?"},
        )
        for row in untold
    ]


def _what(row: Delivery) -> str:
    """Return what a message tells in a word; a day's mail is told as that."""
    told = row.body.get("told")
    if told is not None:
        return ngettext("一天的 %(n)s 条通知", "一天的 %(n)s 条通知", len(told)) % {"n": len(told)}
    return _(word_of(row.body["verb"]))


# What may be done with a message or a change, by the name of its button.
DEEDS: dict[str, Callable[[Scope, int], object]] = {
    "send": lambda by, pk: send_again(by=by, delivery=pk),
    "missing": lambda by, pk: send_again(by=by, delivery=pk, missing=True),
    "drop": lambda by, pk: drop_delivery(by=by, delivery=pk),
    "tell": lambda by, pk: tell_again(by=by, untold=pk),
    "drop-untold": lambda by, pk: drop_untold(by=by, untold=pk),
}


def _do(request: HttpRequest, scope: Scope, city: City) -> None:
    """Do one deed with each message named, and tell what came of it.

    Raises:
        Http404: there is no such deed, or one of them is not there or not of this city.
    """
    deed = request.POST.get("deed", "")
    these = {number(one) or 0 for one in request.POST.getlist("message")[:MOST]}
    rows: QuerySet[Any] = Delivery.objects.within(scope).filter(city=city)
    if deed in {"tell", "drop-untold"}:
        rows = Outbox.objects.within(scope).of_cities([city.pk]).stuck()
    if deed not in DEEDS or rows.filter(pk__in=these).count() != len(these):
        raise Http404(_("没有找到，或不在您的范围内"))
    done, refusals = _each(scope, DEEDS[deed], sorted(these))
    if done:
        messages.success(request, _said(deed, done))
    for said in refusals:
        messages.error(request, said)


def _said(deed: str, n: int) -> str:
    if deed == "drop":
        return ngettext("%(n)s 条消息不再发。", "%(n)s 条消息不再发。", n) % {"n": n}
    if deed == "tell":
        return ngettext("%(n)s 处变化马上再告知。", "%(n)s 处变化马上再告知。", n) % {"n": n}
    if deed == "drop-untold":
        return ngettext("%(n)s 处变化不再告知。", "%(n)s 处变化不再告知。", n) % {"n": n}
    return ngettext("%(n)s 条消息马上再发。", "%(n)s 条消息马上再发。", n) % {"n": n}


def _each(
    scope: Scope, deed: Callable[[Scope, int], object], these: Iterable[int]
) -> tuple[int, list[str]]:
    """Do a deed with each, in a transaction of its own; return how many, and what was refused."""
    done = 0
    refusals: dict[str, None] = {}
    for pk in these:
        try:
            deed(scope, pk)
        except Refusal as refusal:
            turn_away(refusal)
            refusals[refused(refusal)] = None
        else:
            done += 1
    return done, list(refusals)
