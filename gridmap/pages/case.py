"""One case: where it is and stands, by when and why, what was done, and what may be done now."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from zoneinfo import ZoneInfo

import shapely
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from gridmap.actions.cases import VERBS, act
from gridmap.actions.contacts import open_contact
from gridmap.actions.letters import judge_letter
from gridmap.actions.photos import add_photo, remove_photo
from gridmap.actions.twins import link_twin, unlink_twin
from gridmap.errors import OutOfScope, Refusal
from gridmap.geo.photos import MOST_BYTES
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
from gridmap.layers.twins import Twin
from gridmap.layers.words_of_history import VERBS as WORDS
from gridmap.pages.deadline_strip import length, strip
from gridmap.pages.deed_forms import forms, judgements, said
from gridmap.pages.desk import desk
from gridmap.pages.picture import picture
from gridmap.pages.refusals import turn_away

View = Callable[..., HttpResponse]
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
    case = found_case(scope, number, request.GET.get("city", ""))
    return desk(request, "case.html", scope, {"here": "desk", **told(scope, case)})


def told(scope: Scope, case: Incident) -> dict[str, Any]:
    """Return everything the page and the desk's panel show of a case."""
    zone = ZoneInfo(case.city.time_zone)
    steps = Step.objects.within(scope).filter(incident=case).order_by("number")
    deadlines = Deadline.objects.within(scope).filter(incident=case).order_by("number")
    contact = Contact.objects.within(scope).filter(incident=case).select_related("incident").first()
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
        "may_photo": scope.may_at("report", case.spot) or "department" in scope.roles,
        "may_remove": scope.may_at("close", case.spot),
        "me": scope.user_id,
        "contact": contact,
        "may_open": contact is not None and contact.may_be_opened(scope),
        "letter": letter,
        "may_judge": letter is not None and scope.may_at("verify", case.spot),
        "twin": Twin.objects.within(scope).filter(incident=case).select_related("original").first(),
        "twins": Twin.objects.within(scope).filter(original=case).select_related("incident"),
        "may_join": scope.may_at("verify", case.spot),
        "forms": forms(scope, case),
        "picture": _picture(case),
    }


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


def deed(view: View) -> View:
    """Do something with a case, say what came of it, and return to its page."""

    @wraps(view)
    def done(request: HttpRequest, number: str, **arguments: str) -> HttpResponse:
        scope = scope_of(request.user.pk or 0)
        case = found_case(scope, number, request.GET.get("city", ""))
        try:
            words = view(request, scope=scope, case=case, **arguments)
        except Refusal as refusal:
            turn_away(refusal)
            messages.error(request, refused(refusal))
        else:
            messages.success(request, str(words))
        if not Incident.objects.within(scope).filter(pk=case.pk).exists():
            return HttpResponseRedirect(reverse("desk"))
        query = f"?city={case.city.slug}" if request.GET.get("city") else ""
        return HttpResponseRedirect(reverse("case", kwargs={"number": number}) + query)

    return login_required(require_POST(done))


@deed
def do(request: HttpRequest, scope: Scope, case: Incident, verb: str) -> Any:
    """One deed of the life cycle."""
    if verb not in VERBS:
        raise OutOfScope("没有找到，或不在您的范围内")
    act(by=scope, incident=case.pk, verb=verb, said=said(request.POST))
    return capfirst(_("%(deed)s：已记下。") % {"deed": _(WORDS[verb])})


@deed
def photo_in(request: HttpRequest, scope: Scope, case: Incident) -> Any:
    """A photo more."""
    files = request.FILES.getlist("photo")
    for file in files[:9]:
        add_photo(by=scope, incident=case.pk, data=file.read(MOST_BYTES + 1))
    return _("加了 %(n)s 张照片。") % {"n": len(files[:9])}


@deed
def photo_out(request: HttpRequest, scope: Scope, case: Incident, uid: Any) -> Any:  # noqa: ARG001
    """A photo less."""
    remove_photo(by=scope, photo=uid)
    return _("照片已删除，日志里留有记录。")


@deed
def contact(request: HttpRequest, scope: Scope, case: Incident) -> Any:
    """The reporter's number in full, with the reason."""
    found = open_contact(by=scope, incident=case.pk, why=request.POST.get("why", ""))
    return f"{found.name} {found.phone}".strip()


@deed
def judge(request: HttpRequest, scope: Scope, case: Incident) -> Any:
    """Let the public read it, or not."""
    show = request.POST.get("show") == "1"
    judge_letter(by=scope, incident=case.pk, show=show)
    return _("这件事现在公开。") if show else _("这件事不公开。")


@deed
def join(request: HttpRequest, scope: Scope, case: Incident) -> Any:
    """It tells of the same as another one, or no longer."""
    number = request.POST.get("original", "").strip()
    if not number:
        unlink_twin(by=scope, incident=case.pk)
        return _("已分开。")
    original = case_numbered(scope, number[:40], case.city.slug)
    link_twin(by=scope, incident=case.pk, original=original.pk if original else 0)
    return _("已和 %(number)s 并为同一件事，两边的上报人都能看到进度。") % {"number": number}
