"""One case: where it is and stands, by when and why, what was done, and what may be done now."""

from __future__ import annotations

from typing import Any

import shapely
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from gridmap.actions.photos import is_yours_to_show
from gridmap.errors import OutOfScope, Refusal
from gridmap.layers import cards
from gridmap.layers.cases import Application, Assignment, Deadline, Step, Supervision
from gridmap.layers.contacts import Contact
from gridmap.layers.desk import case_numbered
from gridmap.layers.incidents import ENDED, Incident
from gridmap.layers.letters import Letter
from gridmap.layers.photos import Photo
from gridmap.layers.postings import scope_of
from gridmap.layers.rulings import JointTask
from gridmap.layers.scope import Scope
from gridmap.layers.spoken import like_near
from gridmap.layers.twins import Twin
from gridmap.layers.words_of_history import deed_word
from gridmap.pages.case_course import holding, told_step, whose
from gridmap.pages.case_times import light_words, step_light, strips
from gridmap.pages.deadline_strip import length
from gridmap.pages.deed_forms import Form, Tried, forms
from gridmap.pages.desk import desk
from gridmap.pages.desk_links import kept, led_back, way_back
from gridmap.pages.picture import picture

# The way of a case on the page: a word, and the states in which it is there.
WAY = (
    (gettext_noop("上报"), ("reported",)),
    (gettext_noop("立案"), ("filed",)),
    (gettext_noop("派遣"), ("dispatched",)),
    (gettext_noop("处理"), ("handling",)),
    (gettext_noop("核查"), ("answered", "inspecting")),
    (gettext_noop("结案"), ENDED),
)
BESIDE = frozenset({"photo_in", "contact", "join"})  # forms of the page that tell no step


def found_case(scope: Scope, number: str, slug: str = "") -> Incident:
    """Return the caller's case.

    Raises:
        Http404: there is none of this number, or it is not the caller's.
    """
    case = case_numbered(scope, number[:40], slug[:32])
    if case is None:
        raise Http404
    return case


@login_required
@never_cache
@require_safe
def case_page(request: HttpRequest, number: str) -> HttpResponse:
    """The page of one case."""
    scope = scope_of(request.user.pk or 0)
    return show_case(request, scope, found_case(scope, number, request.GET.get("city", "")))


def show_case(
    request: HttpRequest, scope: Scope, case: Incident, tried: Tried | None = None
) -> HttpResponse:
    """Return the page of a case.

    Args:
        request: of somebody signed in.
        scope: the caller's.
        case: the caller's.
        tried: a form of the page that was refused.
    """
    back = way_back(request)
    context = {"here": "desk", "back": kept(back), "desk": led_back(scope, back)}
    context |= told(scope, case, tried)
    return desk(request, "case.html", scope, context, status=422 if tried else 200)


def told(scope: Scope, case: Incident, tried: Tried | None = None) -> dict[str, Any]:
    """Return everything the page and the desk's panel show of a case.

    Args:
        scope: the caller's.
        case: the caller's.
        tried: a form of these that was refused: it is there again as it was sent.
    """
    steps = Step.objects.within(scope).filter(incident=case).order_by("number")
    course = list(steps.select_related("by", "department"))
    limits = Deadline.objects.within(scope).filter(incident=case).order_by("number")
    deadlines = list(limits.select_related("standard"))
    contact = Contact.objects.within(scope).filter(incident=case).select_related("incident").first()
    offered = forms(scope, case, tried)
    letter = Letter.objects.within(scope).filter(incident=case).first()
    return {
        "case": case,
        "city": case.city,
        "light": light_words(case.light),
        "step_light": step_light(case, course),
        "holding": holding(case, deadlines),
        "way": _way(case),
        "source": _(str(Incident.Source(case.source).label)),
        "steps": [told_step(step, case) for step in course],
        "strips": strips(case, course, deadlines),
        "whose": whose(case),
        "parts": Assignment.objects.within(scope)
        .filter(incident=case, until=None)
        .select_related("department"),
        "asked": [_asked(row) for row in _open_applications(scope, case)],
        "pressed": Supervision.objects.within(scope).filter(incident=case),
        "joint": JointTask.objects.within(scope).filter(incident=case).first(),
        "photos": Photo.objects.within(scope).filter(incident=case),
        "may_photo": is_yours_to_show(by=scope, incident=case),
        "may_remove": scope.may_at("close", case.spot),
        "me": scope.user_id,
        "contact": contact,
        "may_open": contact is not None and contact.may_be_opened(scope),
        "letter": letter,
        "may_judge": letter is not None and scope.may_at("verify", case.spot),
        "twin": Twin.objects.within(scope).filter(incident=case).select_related("original").first(),
        "twins": Twin.objects.within(scope).filter(original=case).select_related("incident"),
        "may_join": scope.may_at("verify" if case.filed_at is None else "file", case.spot),
        "near": _near(scope, case),
        "forms": offered,
        "tried": tried,
        # Refused because it may not be done any more: the words are shown without the form.
        "lost": tried if tried and not _stands(tried, offered) else None,
        "picture": _picture(case),
    }


def _stands(tried: Tried, offered: list[Form]) -> bool:
    """Whether the form that was refused is still on the page."""
    return tried.name in {form.verb for form in offered} or tried.name in BESIDE


def _near(scope: Scope, case: Incident) -> list[dict[str, Any]]:
    """Open cases near in place and kind, reported earlier, that may be the same matter."""
    if not scope.may_at("verify", case.spot):
        return []
    joined = Twin.objects.within(scope).filter(original=case).values_list("incident_id", flat=True)
    apart = {case.pk, *joined}
    return [
        {
            "incident": row["incident"],
            "away": _("%(n)s 米") % {"n": round(row["metres"])},
            "light": light_words(row["incident"].light),
        }
        for row in like_near(scope, case.category, case.place)
        if row["incident"].pk not in apart
        and (row["incident"].reported_at, row["incident"].pk) < (case.reported_at, case.pk)
        and scope.may_at("verify", row["incident"].spot)
    ]


def _picture(case: Incident) -> Any:
    """The small map; outside every cell there is none."""
    place = shapely.Point(case.place.x, case.place.y)
    sight = Scope(user_id=None, ground=frozenset({case.city_id}))
    try:
        card = cards.at_place(sight, place.x, place.y, now=timezone.now())
    except OutOfScope:
        return None
    return picture(card, now=timezone.now())


def _way(case: Incident) -> list[tuple[str, str]]:
    at = next(index for index, (_word, states) in enumerate(WAY) if case.state in states)
    ended = case.state in ENDED
    return [
        (_(word), "done" if index < at or ended else "now" if index == at else "next")
        for index, (word, _states) in enumerate(WAY)
    ]


def _open_applications(scope: Scope, case: Incident) -> Any:
    return Application.objects.within(scope).filter(incident=case, decided_at=None)


def _asked(row: Application) -> dict[str, Any]:
    return {"word": deed_word(row.kind), "why": row.why, "at": row.asked_at,
            "amount": length(row.amount, row.unit) if row.amount and row.unit else ""}  # fmt: skip


def refused(refusal: Refusal) -> str:
    """Return a refusal in the reader's words."""
    words = _(refusal.message)
    return words % refusal.detail if refusal.detail else words
