"""A volunteer's own record of service, and the certificate; nobody else's page shows either."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from gridmap.actions.service import Line, erase_entry, write_entry
from gridmap.errors import BadValue, Refusal
from gridmap.layers.postings import scope_of
from gridmap.layers.scope import Scope
from gridmap.layers.service import ServiceEntry
from gridmap.layers.shifts import Shift, SignUp
from gridmap.layers.territory import City
from gridmap.pages.certificate import certificate
from gridmap.pages.chiefs import number
from gridmap.pages.desk import desk
from gridmap.pages.downloads import attachment
from gridmap.pages.patrols import refused

KINDS = {value: gettext_lazy(label) for value, label in ServiceEntry.Kind.choices}


def _line(request: HttpRequest) -> Line:
    """Read the form of a line.

    Raises:
        BadValue: the day or the hours are none.
    """
    given = request.POST
    try:
        day = parse_date(given.get("day", ""))
        hours = Decimal(given["hours"]) if given.get("hours") else None
    except (ValueError, InvalidOperation) as wrong:
        raise BadValue("请填写日期和时长") from wrong
    if day is None or (hours is not None and not hours.is_finite()):
        raise BadValue("请填写日期和时长")
    return Line(
        kind=given.get("kind", ""),
        day=day,
        what=given.get("what", "").replace("\0", ""),
        body=given.get("body", "").replace("\0", ""),
        hours=hours,
        shift=number(given.get("shift")),
    )


def _unwritten(scope: Scope) -> list[Shift]:
    """Return shifts the caller came along to and has not written down, newest first."""
    written = ServiceEntry.objects.within(scope).exclude(shift=None).values("shift_id")
    mine = SignUp.objects.within(scope).filter(shift__state=Shift.State.DONE)
    rows = Shift.objects.within(scope).filter(pk__in=mine.values("shift_id"))
    return list(rows.exclude(pk__in=written).select_related("team").order_by("-starts")[:20])


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def service_page(request: HttpRequest) -> HttpResponse:
    """The own record, whoever asks."""
    scope = scope_of(request.user.pk or 0)
    if request.method == "POST":
        try:
            if request.POST.get("deed") == "erase":
                erase_entry(by=scope, entry=number(request.POST.get("entry")) or 0)
            else:
                write_entry(by=scope, line=_line(request))
                messages.success(request, _("已记下。"))
        except Refusal as refusal:
            refused(request, refusal)
        return HttpResponseRedirect(reverse("service"))
    entries = list(ServiceEntry.objects.within(scope))
    context = {
        "here": "patrols",
        "city": City.objects.within(scope).order_by("demo", "slug").first() or City(name="gridmap"),
        "rows": [{"entry": one, "kind": KINDS[one.kind]} for one in entries],
        "kinds": KINDS.items(),
        "unwritten": [
            {
                "shift": shift,
                "hours": hours_of(shift),
            }
            for shift in _unwritten(scope)
        ],
        "today": timezone.localdate(),
    }
    return desk(request, "service.html", scope, context)


def hours_of(shift: Shift) -> Decimal:
    """Return how long a shift lasted, in hours with one decimal; what is planned where unknown."""
    begin, end = shift.started_at or shift.starts, shift.ended_at or shift.ends
    hours = Decimal((end - begin).total_seconds()) / 3600
    return min(max(hours.quantize(Decimal("0.1")), Decimal("0.1")), Decimal(24))


@never_cache
@require_safe
@login_required
def certificate_file(request: HttpRequest) -> HttpResponse:
    """The certificate of the own record, as PDF."""
    scope = scope_of(request.user.pk or 0)
    user = cast("User", request.user)
    body = certificate(
        user.get_full_name() or user.get_username(),
        list(ServiceEntry.objects.within(scope).order_by("day", "pk")),
        timezone.localdate(),
    )
    return attachment(body, "service-record.pdf", "application/pdf")
