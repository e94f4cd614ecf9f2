"""One office over one object: who holds it, who held it, and the forms by which that changes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time
from typing import Any, cast
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from gridmap.actions import people
from gridmap.actions.people import Seat, Span, Who
from gridmap.errors import BadValue, Refusal
from gridmap.layers import chronicle
from gridmap.layers.handovers import Handover
from gridmap.layers.people import COLUMNS, ChiefTerm, Person
from gridmap.layers.postings import scope_of
from gridmap.layers.roster import seat_city
from gridmap.layers.scope import Scope
from gridmap.layers.territory import City
from gridmap.pages.chiefs import OFFICES, REASONS, local, number
from gridmap.pages.desk import desk
from gridmap.pages.rail import leads_to

DONE = {
    "appoint": gettext_lazy("已任命。"),
    "renew": gettext_lazy("已续任。"),
    "relieve": gettext_lazy("已免职。"),
    "substitute": gettext_lazy("已安排代理。"),
    "end_substitution": gettext_lazy("代理已结束。"),
    "hand_over": gettext_lazy("已交接。没办完的事列在下面。"),
}
MATTERS = {
    "incident": gettext_lazy("未结事件"),
    "stretch": gettext_lazy("该走的巷段"),
    "entrance": gettext_lazy("该看的入口"),
    "substitute": gettext_lazy("正在代理"),
    "sign": gettext_lazy("公示牌要换名字"),
}


class Form:
    """What was typed: values as text, days in the time of the city."""

    def __init__(self, request: HttpRequest, city: City) -> None:
        self.typed, self._zone, self._city = request.POST, ZoneInfo(city.time_zone), city

    def text(self, name: str, most: int) -> str:
        """Return a text, not longer than said."""
        found = self.typed.get(name, "").strip().replace("\0", "")
        if len(found) > most:
            raise BadValue("最多 %(most)s 个字", most=most)
        return found

    def day(self, name: str) -> datetime | None:
        """Return the first minute of a day; today and an empty field are now (None)."""
        written = self.typed.get(name, "")
        if not written:
            return None
        try:
            found = parse_date(written)
        except ValueError:
            found = None
        if found is None or not 1900 <= found.year <= 2200:  # noqa: PLR2004 - as everywhere
            raise BadValue("日期应写成 2026-11-26")
        if found == timezone.localdate(timezone=self._zone):
            return None
        return datetime.combine(found, time(), self._zone)

    def until(self) -> datetime | None:
        """Return the end of a time: a day, never now."""
        return self.day("until") or (timezone.now() if self.typed.get("until") else None)

    @property
    def client_id(self) -> UUID | None:
        """The id the form came with, so that it is not done twice."""
        try:
            return UUID(self.typed.get("client_id", ""))
        except ValueError:
            return None

    def who(self, scope: Scope) -> Who:
        """Return the person chosen, or the only one of the name typed, or somebody new.

        Raises:
            BadValue: nobody or several are called so.
        """
        if chosen := number(self.typed.get("person")):
            return Who(person=chosen)
        name = self.text("name", 40)
        if self.typed.get("new"):
            return Who(name=name, relay_phone=self.text("relay_phone", 30))
        if not name:
            raise BadValue("请写任职人的姓名")
        namesakes = Person.objects.within(scope).filter(city=self._city, name=name)[:2]
        if len(namesakes) == 1:
            return Who(person=namesakes[0].pk)
        if namesakes:
            raise BadValue("有几位都叫“%(name)s”，请在下面选一位", name=name)
        raise BadValue("还没有叫“%(name)s”的任职人；是新任职人，请勾选“新任职人”", name=name)


Deed = Callable[[Scope, Seat, Form], object]
DEEDS: dict[str, Deed] = {
    "appoint": lambda by, seat, form: people.appoint(
        by=by,
        seat=seat,
        who=form.who(by),
        span=Span(form.day("since"), form.until()),
        why=form.text("why", 500),
        client_id=form.client_id,
    ),
    "substitute": lambda by, seat, form: people.substitute(
        by=by,
        seat=seat,
        who=form.who(by),
        span=Span(form.day("since"), form.until()),
        reason=form.text("reason", 10),
        client_id=form.client_id,
    ),
    "renew": lambda by, _seat, form: people.renew(
        by=by,
        term=number(form.typed.get("term")) or 0,
        until=form.until(),
        client_id=form.client_id,
    ),
    "relieve": lambda by, _seat, form: people.relieve(
        by=by,
        term=number(form.typed.get("term")) or 0,
        why=form.text("why", 500),
        at=form.day("at"),
        client_id=form.client_id,
    ),
    "end_substitution": lambda by, _seat, form: people.end_substitution(
        by=by, term=number(form.typed.get("term")) or 0, at=form.day("at"), client_id=form.client_id
    ),
    "hand_over": lambda by, _seat, form: people.hand_over(
        by=by,
        term=number(form.typed.get("term")) or 0,
        who=form.who(by),
        span=Span(form.day("since"), form.until()),
        note=form.text("note", 1000),
        client_id=form.client_id,
    ),
}


def _way_back(request: HttpRequest) -> str:
    """Return where the visitor came from, if that is a page of ours."""
    back = request.POST.get("back") or request.GET.get("back", "")
    return back if url_has_allowed_host_and_scheme(back, allowed_hosts=None) else ""


def _history(terms: list[ChiefTerm], city: City, now: datetime) -> list[dict[str, Any]]:
    rows = []
    for term in terms:
        begun = term.valid.lower <= now
        over = term.valid.upper is not None and term.valid.upper <= now
        rows.append(
            {
                "term": term,
                "name": term.person.name,
                "standing": _(str(ChiefTerm.Standing(term.standing).label)),
                "reason": REASONS.get(term.reason, ""),
                "since": local(city, term.valid.lower),
                "until": local(city, term.valid.upper),
                "state": "over" if over else "running" if begun else "to_come",
            }
        )
    return rows


def _handovers(found: list[Handover], city: City) -> list[dict[str, Any]]:
    return [
        {
            "at": local(city, handover.at),
            "before": handover.before.person.name,
            "after": handover.after.person.name if handover.after else _("（上任前已收回）"),
            "note": handover.note,
            "matters": [
                {**matter, "word": MATTERS.get(matter["kind"], "")} for matter in handover.matters
            ],
        }
        for handover in found
    ]


def _shown(request: HttpRequest, scope: Scope, seat: Seat, city: City) -> dict[str, Any]:
    now = timezone.now()
    mine = {"office": seat.office, f"{seat.column}_id": seat.object_id}
    terms = list(
        ChiefTerm.objects.within(scope)
        .filter(**mine)
        .select_related("person", "street", "lane", "building", "cell")
        .order_by("-valid")
    )
    running = [term for term in terms if now in term.valid]
    before = {f"before__{name}": value for name, value in mine.items()}
    handovers = Handover.objects.within(scope).filter(**before)
    return {
        "here": "chiefs",
        "roster": leads_to(scope, "chiefs"),
        "thing": seat.column,
        "changes": chronicle.latest(scope, seat.column, seat.object_id),
        "city": city,
        "seat": seat,
        "office": OFFICES[seat.office],
        "acting": next((row for row in _history(running, city, now) if not row["reason"]), None),
        "substitute": next((row for row in _history(running, city, now) if row["reason"]), None),
        "history": _history(terms, city, now),
        "handovers": _handovers(
            list(handovers.select_related("before__person", "after__person")), city
        ),
        "may": people.is_yours_to_staff(by=scope, seat=seat),
        "reasons": REASONS.items(),
        "today": timezone.localdate(timezone=ZoneInfo(city.time_zone)).isoformat(),
        "client_id": uuid4(),
        "back": _way_back(request),
        "deed": request.POST.get("deed") or request.GET.get("deed", ""),
        "typed": request.POST,
    }


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def office_page(request: HttpRequest, office: str, object_id: int) -> HttpResponse:
    """Show one office over one object, or do what one of its forms asks."""
    scope = scope_of(request.user.pk or 0)
    if office not in COLUMNS or object_id >= 2**63:
        raise Http404(_("没有这个职务"))
    seat, status, error = Seat(office, object_id), 200, ""
    try:
        city = seat_city(scope, office, object_id)
    except Refusal as refusal:
        raise Http404(_(refusal.message)) from refusal
    if request.method == "POST":
        try:
            done = _done(request, scope, seat, city)
        except Refusal as refusal:
            error = _(refusal.message) % refusal.detail
            status = 409 if people.is_yours_to_staff(by=scope, seat=seat) else 403
        else:
            return done
    context = _shown(request, scope, seat, city)
    context |= {"error": error, "title": name_of(seat), "namesakes": []}
    name = request.POST.get("name", "").strip().replace("\0", "")[:40]
    if error and name:
        called = Person.objects.within(scope).called(city, name.lower())
        context["namesakes"] = [
            {**one, "office": OFFICES.get(cast("str", one["office"]), "")} for one in called
        ]
    return desk(request, "chief.html", scope, context, status=status)


def _done(request: HttpRequest, scope: Scope, seat: Seat, city: City) -> HttpResponse:
    deed = request.POST.get("deed", "")
    if deed not in DEEDS:
        raise BadValue("没有这个动作")
    DEEDS[deed](scope, seat, Form(request, city))
    messages.success(request, str(DONE[deed]))
    here = reverse("chief", args=[seat.office, seat.object_id])
    return HttpResponseRedirect(_way_back(request) or here)


def name_of(seat: Seat) -> str:
    """Return what the object of a seat is called."""
    return ChiefTerm(office=seat.office, **{f"{seat.column}_id": seat.object_id}).place
