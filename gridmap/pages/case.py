"""One case: where it is and stands, by when and why, what was done, and what may be done now."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

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
from gridmap.layers.incidents import ENDED, Incident, Light
from gridmap.layers.letters import Letter
from gridmap.layers.photos import Photo
from gridmap.layers.postings import Role, scope_of
from gridmap.layers.rulings import JointTask
from gridmap.layers.scope import Scope
from gridmap.layers.spoken import like_near
from gridmap.layers.twins import Twin
from gridmap.layers.words_of_history import VERBS as WORDS
from gridmap.pages.deadline_strip import length, strip
from gridmap.pages.deed_forms import Form, Tried, forms, judgements
from gridmap.pages.desk import desk
from gridmap.pages.desk_links import kept, led_back, way_back
from gridmap.pages.picture import picture

LIGHT_WORDS = {
    Light.OK: ("ok", gettext_noop("正常")), Light.SOON: ("soon", gettext_noop("临期")),
    Light.LATE: ("late", gettext_noop("超期")), Light.PARKED: ("parked", gettext_noop("挂账")),
    Light.NONE: ("ended", gettext_noop("已结束")),
}  # fmt: skip
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
TAKEN_OVER = gettext_noop("按原有步骤接入")
RESIDENT_ROLES = {"resident": gettext_noop("居民"), "reporter": gettext_noop("上报人"),
                  "operator": gettext_noop("系统")}  # fmt: skip


def found_case(scope: Scope, number: str, slug: str = "") -> Incident:
    """Return the caller's case.

    Raises:
        Http404: there is none of this number, or it is not the caller's.
    """
    case = case_numbered(scope, number[:40], slug[:32])
    if case is None:
        raise Http404
    return case


def role_word(role: str) -> str:
    """Return the word for a role as a step keeps it."""
    if role in RESIDENT_ROLES:
        return _(RESIDENT_ROLES[role])
    return _(str(Role(role).label)) if role in Role.values else role


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
    zone = ZoneInfo(case.city.time_zone)
    steps = Step.objects.within(scope).filter(incident=case).order_by("number")
    deadlines = Deadline.objects.within(scope).filter(incident=case).order_by("number")
    contact = Contact.objects.within(scope).filter(incident=case).select_related("incident").first()
    offered = forms(scope, case, tried)
    letter = Letter.objects.within(scope).filter(incident=case).first()
    return {
        "case": case,
        "city": case.city,
        "light": _light(case),
        "way": _way(case),
        "source": _(str(Incident.Source(case.source).label)),
        "steps": [_step(step, case) for step in steps.select_related("by", "department")],
        "strips": [strip(row, zone) for row in deadlines.select_related("standard")],
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
        "may_join": scope.may_at("verify", case.spot),
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
    """Open cases near in place and kind that the caller may say to be the same matter."""
    if not scope.may_at("verify", case.spot):
        return []
    joined = Twin.objects.within(scope).filter(original=case).values_list("incident_id", flat=True)
    apart = {case.pk, *joined}
    return [
        {
            "incident": row["incident"],
            "away": _("%(n)s 米") % {"n": round(row["metres"])},
            "light": _light(row["incident"]),
        }
        for row in like_near(scope, case.category, case.place)
        if row["incident"].pk not in apart and scope.may_at("verify", row["incident"].spot)
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


def _light(case: Incident) -> tuple[str, str]:
    name, word = LIGHT_WORDS[Light(case.light)]
    return name, _(word)


def _way(case: Incident) -> list[tuple[str, str]]:
    at = next(index for index, (_word, states) in enumerate(WAY) if case.state in states)
    ended = case.state in ENDED
    return [
        (_(word), "done" if index < at or ended else "now" if index == at else "next")
        for index, (word, _states) in enumerate(WAY)
    ]


def _step(step: Step, case: Incident) -> dict[str, Any]:
    return {
        "word": _(WORDS.get(step.verb, TAKEN_OVER)),
        "at": step.begins,
        "said": case.said_at if step.verb == "report" else None,
        "who": f"{role_word(step.role)} {step.by.get_username() if step.by else ''}".strip(),
        "department": step.department,
        "why": step.why,
        "judged": dict(judgements()).get(step.detail.get("satisfied", 0)),
        "open": step.ends is None,
        "paused": step.paused,
        "due": step.due,
        "minutes": step.own_minutes,
    }


def _open_applications(scope: Scope, case: Incident) -> Any:
    return Application.objects.within(scope).filter(incident=case, decided_at=None)


def _asked(row: Application) -> dict[str, Any]:
    return {"word": _(WORDS[row.kind]), "why": row.why, "at": row.asked_at,
            "amount": length(row.amount, row.unit) if row.amount and row.unit else ""}  # fmt: skip


def refused(refusal: Refusal) -> str:
    """Return a refusal in the reader's words."""
    words = _(refusal.message)
    return words % refusal.detail if refusal.detail else words
