"""The forms of the deeds of the life cycle, as the case page offers them; and what they send."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, pgettext

from gridmap.actions.cases import Said, is_called_for, is_offered
from gridmap.actions.photos import is_yours_to_show
from gridmap.errors import BadValue
from gridmap.layers import timing
from gridmap.layers.authority import propose_department
from gridmap.layers.cases import Application, Deadline, Step, Supervision
from gridmap.layers.catalogue import PlaceClass, Standard, Unit
from gridmap.layers.desk import departments_in
from gridmap.layers.incidents import Incident
from gridmap.layers.life_cycle import GRANTS, leading_on
from gridmap.layers.names import named
from gridmap.layers.scope import Scope
from gridmap.layers.words_of_history import deed_word
from gridmap.pages.catalogue_words import catalogue_word
from gridmap.pages.dates import short
from gridmap.pages.deadline_strip import warnings

# The deed that leads on stands first, as the primary button.
ONWARD = ("verify", "file", "dispatch", "accept", "answer", "send", "inspect", "close", "reply",
          "extend", "park", "return", "void")  # fmt: skip
ANSWERS = {
    "verify": (gettext_noop("属实"), gettext_noop("不属实")),
    "inspect": (gettext_noop("办好了"), gettext_noop("没办好")),
}
LONGEST = 2000
PHOTO = "photo"
SHOWN = frozenset({"settle", "answer", "inspect"})  # deeds that photos tell of


@dataclass(frozen=True)
class Tried:
    """A form that was sent and refused.

    Attributes:
        name: of the deed, or of the part of the page it stands in.
        words: why it was refused.
        values: what was in it.
        field: the question the words are about; "" where it is none of them.
    """

    name: str
    words: str
    values: QueryDict
    field: str = ""

    @property
    def written(self) -> str:
        """The words that were in it."""
        return str(self.values.get("why", ""))[:LONGEST]


@dataclass
class Field:
    """One question of a form."""

    name: str
    word: str
    kind: str  # text | choice | many | radio | number | tick | photos | hidden
    options: list[tuple[Any, str]] = field(default_factory=list)
    value: Any = ""
    required: bool = False
    note: str = ""
    trouble: str = ""

    def fill(self, sent: list[str]) -> None:
        """Let it stand there as it was sent."""
        if self.options:
            chosen = [value for value, _word in self.options if str(value) in sent]
            self.value = chosen if self.kind == "many" else next(iter(chosen), "")
        elif self.kind == "tick":
            self.value = bool(sent)
        elif self.kind in {"text", "number"}:
            self.value = "".join(sent)[:LONGEST]


@dataclass
class Form:
    """One deed that may be done now."""

    verb: str
    word: str
    fields: list[Field]
    client_id: str
    primary: bool = False
    sent: bool = False  # and refused: it is open, as it was sent
    trouble: str = ""  # why, where no field has it

    def fill(self, tried: Tried) -> None:
        """Let it stand there as it was sent, with what was wrong."""
        self.sent, self.trouble = True, tried.words
        for one in self.fields:
            one.fill(tried.values.getlist(one.name))
            if one.name == tried.field and one.kind != "hidden":
                one.trouble, self.trouble = tried.words, ""


def forms(scope: Scope, case: Incident, tried: Tried | None = None) -> list[Form]:
    """Return what the caller may do with a case now, what leads on first.

    Args:
        scope: the caller's.
        case: the caller's.
        tried: the one that was refused.
    """
    offered = [
        move
        for move in leading_on(case.state, parked=case.parked)
        if is_offered(by=scope, case=case, move=move)
    ]
    asked = _asked(scope, case)
    pressed = Supervision.objects.within(scope).filter(incident=case, replied_at=None).first()
    found = []
    for move in offered:
        if not _answers(move.verb, asked, pressed):
            continue
        if not is_called_for(by=scope, case=case, verb=move.verb):
            continue
        fields = _fields(Asking(scope, case, move.verb, asked, pressed), move.needs)
        if fields is not None:
            found.append(Form(move.verb, deed_word(move.verb), fields, str(uuid4())))
    found.sort(key=lambda form: form.verb not in ONWARD)
    if found and found[0].verb in ONWARD:
        found[0].primary = True
    for form in found:
        if tried is not None and form.verb == tried.name:
            form.fill(tried)
    return found


def _answers(verb: str, asked: Mapping[str, Application], pressed: Supervision | None) -> bool:
    """Return whether there is what a deed answers to: a button that can only be refused is none."""
    if verb in GRANTS.values():
        return verb in asked
    return {"deny": bool(asked), "reply": pressed is not None}.get(verb, True)


def _asked(scope: Scope, case: Incident) -> dict[str, Application]:
    """Open applications by the deed that grants them; not the caller's own."""
    rows = Application.objects.within(scope).filter(incident=case, decided_at=None)
    return {GRANTS[row.kind]: row for row in rows if row.asked_by_id != scope.user_id}


@dataclass(frozen=True)
class Asking:
    """What the questions of a deed are made from."""

    scope: Scope
    case: Incident
    verb: str
    asked: Mapping[str, Application]
    pressed: Supervision | None


def _fields(about: Asking, needs: tuple[str, ...]) -> list[Field] | None:
    """Return the questions of a deed; None where there is nothing to do it with."""
    found: list[Field] = []
    for verbs, need, make in QUESTIONS:
        if about.verb in verbs or need in needs:
            fields = make(about)
            if fields is None:
                return None
            found += fields
    found.append(Field("why", _("理由或说明"), "text", required="why" in needs))
    if about.verb in SHOWN and is_yours_to_show(by=about.scope, incident=about.case):
        found.append(Field(PHOTO, _("照片"), "photos"))
    return found


def _finding(about: Asking) -> list[Field]:
    yes, no = ANSWERS[about.verb]
    options = [("1", _(yes)), ("0", _(no))]
    return [Field("finding", deed_word(about.verb), "radio", options, required=True)]


def _milestones(about: Asking) -> list[Field] | None:
    rows = Deadline.objects.within(about.scope).filter(incident=about.case, met_at=None)
    options = [(row.number, catalogue_word(row.name)) for row in rows]
    if len(options) < 2:  # noqa: PLR2004 - the last one is met by the answer
        return None
    return [Field("milestone", _("哪一个时限"), "choice", [*options], required=True)]


def _amount(_about: Asking) -> list[Field]:
    units = [(unit.value, _(str(unit.label))) for unit in Unit]
    return [
        Field("amount", _("延长多少"), "number", value=1, required=True),
        Field("unit", _("单位"), "choice", [*units], value="work_day", required=True),
    ]


def _application(about: Asking) -> list[Field]:
    row = about.asked.get(about.verb) or next(iter(about.asked.values()))
    found = [Field("application", "", "hidden", value=row.pk, note=row.why)]
    if about.verb == "extend" and (note := _later(about, row)):
        found.append(Field("later", "", "hidden", note=note))
    return found


def _later(about: Asking, row: Application) -> str:
    """Tell by when it would have to be done then: who grants time sees how much it is."""
    calendar = timing.calendar_of(about.case.city)
    steps = Step.objects.within(about.scope).filter(incident=about.case).order_by("number")
    pauses, before, then = timing.pauses_of(steps), [], []
    for one in Deadline.objects.within(about.scope).filter(incident=about.case, met_at=None):
        before.append(one.due)
        one.extra = [*one.extra, [row.amount, row.unit]]  # in thought: it is not saved
        then.append(timing.retimed(calendar, one, urgent=about.case.urgent, pauses=pauses).due)
    if not then:
        return ""
    told = [f"{max(due).astimezone(calendar.zone):%Y-%m-%d %H:%M}" for due in (before, then)]
    return _("现在 %(now)s 到期；同意后 %(then)s 到期。") % {"now": told[0], "then": told[1]}


def _supervision(about: Asking) -> list[Field] | None:
    row = about.pressed
    if row is None:
        return None
    return [Field("supervision", "", "hidden", value=row.pk, note=row.words)]


def judgements() -> list[tuple[int, str]]:
    """Return what may be said of how a case was done, best first."""
    return [(3, _("满意")), (2, pgettext("satisfied", "一般")), (1, _("不满意"))]


def _satisfied(_about: Asking) -> list[Field]:
    return [Field("satisfied", _("是否满意"), "radio", [*judgements()], required=True)]


def _condition(row: Standard) -> str:
    if row.place_class == PlaceClass.ANY:
        return catalogue_word(row.condition)
    return f"{catalogue_word(row.condition)} · {_(str(PlaceClass(row.place_class).label))}"


def _filing(about: Asking) -> list[Field]:
    """Ask how it is filed, and tell beforehand by when it would have to be done."""
    now = timezone.now()
    calendar = timing.calendar_of(about.case.city)

    warned: dict[str, None] = {}

    def due(standard: Standard | None, *, urgent: bool = False) -> str:
        limits = timing.limits_for(
            about.case.category, now, urgent=urgent, standard=standard, place=about.case.place
        )
        counted = [timing.timed(calendar, one, now, urgent=urgent) for one in limits]
        warned.update(dict.fromkeys(w for one in counted for w in warnings(one.explanation)))
        return short(max(one.due for one in counted), calendar.zone)

    rows = timing.standards_for(about.case.category, now, about.case.place)
    first = next(iter(rows), None)
    note = _("现在立案，%(usual)s 到期；紧急 %(urgent)s 到期。") % {
        "usual": due(first), "urgent": due(first, urgent=True),
    }  # fmt: skip
    found = [
        Field("urgent", _("紧急（按自然时间计）"), "tick", value=about.case.urgent),
        Field("filing", "", "hidden", value="1"),
    ]
    if len(rows) > 1:
        options = [(row.pk, f"{_condition(row)} → {due(row)}") for row in rows]
        found.insert(0, Field("standard", _("立案条件"), "choice", [*options], required=True))
    found[-1].note = " ".join([note, *warned])
    return found


def _departments(about: Asking) -> list[Field] | None:
    scope, case, again = about.scope, about.case, about.verb == "redispatch"
    proposal = propose_department(case.category, case.place, timezone.now())
    rows = departments_in(scope, case.city_id)
    options = [(row.pk, named(row)) for row in rows]
    chosen = proposal.department.pk if proposal.department else ""
    # Ground that was ruled on is its department's; who has a case already is not given it again.
    leading = [
        (pk, name)
        for pk, name in options
        if (proposal.ruling is None or pk == chosen) and not (again and pk == case.department_id)
    ]
    if not leading:
        return None
    note = _(proposal.why) % proposal.detail
    required = again or not chosen
    return [
        Field("department", _("主办部门"), "choice", [*leading], chosen, required, note),
        Field("helpers", _("协办部门"), "many", [*options], []),
    ]


# Of which deeds, or of what a deed needs, a question follows; in the order of the form.
QUESTIONS: tuple[tuple[tuple[str, ...], str, Callable[[Asking], list[Field] | None]], ...] = (
    (("verify", "inspect"), "", _finding),
    (("file",), "", _filing),
    (("dispatch", "redispatch"), "", _departments),
    (("reach",), "", _milestones),
    ((), "amount", _amount),
    ((), "application", _application),
    ((), "supervision", _supervision),
    ((), "satisfied", _satisfied),
)


def said(values: Any) -> Said:
    """Return what a form tells.

    Raises:
        BadValue: it was not filled in as it was given.
    """
    try:
        whole = {name: _whole(values.get(name, "")) for name in WHOLE}
        return Said(
            client_id=UUID(values.get("client_id", "")),
            why=values.get("why", "").replace("\x00", "").strip()[:LONGEST],
            finding={"1": True, "0": False}.get(values.get("finding", "")),
            helpers=tuple(int(pk) for pk in values.getlist("helpers")[:20]),
            urgent=bool(values.get("urgent")) if "filing" in values else None,
            unit=values.get("unit", "")[:12] if whole["amount"] else "",
            **whole,
        )
    except ValueError as fault:
        raise BadValue("表单不完整，请重新打开再填一次") from fault


WHOLE = ("department", "standard", "amount", "application", "supervision", "satisfied", "milestone")


def _whole(value: str) -> int | None:
    return int(value) if value else None
