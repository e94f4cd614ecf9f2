"""How to break the rules of catalogue, life cycle and rulings; test_invariants tries each."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

from django.contrib.auth.models import User
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils import timezone

from gridmap.layers.assessments import Contest, Evaluation
from gridmap.layers.cases import (
    Application,
    Assignment,
    CaseReceipt,
    Deadline,
    Step,
    Supervision,
)
from gridmap.layers.catalogue import Authority, Milestone, Standard, StepLimit
from gridmap.layers.incidents import Category, Incident, State
from gridmap.layers.people import Department
from gridmap.layers.rulings import JointTask, Ruling
from tests import town as toy

EMPTY = DateTimeTZRange(toy.OPENED, toy.OPENED)


def category() -> Category:
    return Category.objects.get(city=toy.city(), code="0102")


def department() -> Department:
    return Department.objects.get(city=toy.city(), code="sanitation")


def standard(**values: object) -> Standard:
    """A standard that is right but for what the test says."""
    given: dict[str, object] = {
        "category": category(), "condition": "一般", "filing": "有袋装垃圾", "closing": "清走",
        "source": "通知", "valid": toy.ALWAYS,
    }  # fmt: skip
    return Standard.objects.create(**{**given, **values})


def milestone(**values: object) -> Milestone:
    """A milestone likewise."""
    held = values.pop("standard", None) or standard()
    given: dict[str, object] = {
        "standard": held, "name": "清走", "limit": 4, "unit": "work_hour", "urgent": None,
    }  # fmt: skip
    return Milestone.objects.create(**{**given, **values})


def twice_numbered() -> None:
    held = standard()
    milestone(standard=held)
    milestone(standard=held)


def step_limit(**values: object) -> StepLimit:
    given: dict[str, object] = {
        "city": toy.city(), "state": "reported", "limit": 30, "unit": "work_minute",
        "valid": toy.ALWAYS,
    }  # fmt: skip
    return StepLimit.objects.create(**{**given, **values})


def authority(**values: object) -> Authority:
    given: dict[str, object] = {
        "category": category(), "department": department(), "source": "通知", "valid": toy.ALWAYS,
    }  # fmt: skip
    return Authority.objects.create(**{**given, **values})


def step(**values: object) -> Step:
    """The step that dispatches an incident filed just now."""
    case = toy.incident(50, 50)
    last = Step.objects.get(incident=case, ends=None)
    given: dict[str, object] = {
        "incident": case, "number": last.number + 1, "verb": "dispatch", "came_from": "filed",
        "state": "dispatched", "begins": timezone.now(), "entered": timezone.now(),
    }  # fmt: skip
    return Step.objects.create(**{**given, **values})


def first_step(**values: object) -> int:
    case = toy.incident(50, 50)
    return Step.objects.filter(incident=case, ends=None).update(**values)


def deadline(**values: object) -> Deadline:
    now = timezone.now()
    given: dict[str, object] = {
        "incident": toy.incident(50, 50), "number": 1, "name": "清走", "limit": 4, "unit": "hour",
        "starts": now, "soon_at": now + timedelta(hours=3), "due": now + timedelta(hours=4),
    }  # fmt: skip
    return Deadline.objects.create(**{**given, **values})


def two_deadlines() -> None:
    deadline(incident=deadline().incident)


def assignment(**values: object) -> Assignment:
    given: dict[str, object] = {
        "department": department(), "part": "lead", "since": timezone.now(),
    }  # fmt: skip
    return Assignment.objects.create(
        **{"incident": values.pop("incident", None) or toy.incident(50, 50), **given, **values}
    )


def second_lead() -> None:
    first = assignment()
    other = Department.objects.create(city=toy.city(), code="urban", name="城管")
    assignment(incident=first.incident, department=other)


def helps_twice() -> None:
    first = assignment(part="help")
    assignment(incident=first.incident, part="help")


def application(**values: object) -> Application:
    given: dict[str, object] = {
        "kind": "ask_park", "asked_at": timezone.now(), "why": "等配件",
    }  # fmt: skip
    case = values.pop("incident", None) or toy.incident(50, 50)
    return Application.objects.create(**{"incident": case, **given, **values})


def decided_alone() -> None:
    user = User.objects.create(username="somebody")
    now = timezone.now()
    application(asked_by=user, decided_by=user, decided_at=now, granted=True)


def supervision(**values: object) -> Supervision:
    given: dict[str, object] = {"at": timezone.now(), "words": "请尽快"}
    return Supervision.objects.create(**{"incident": toy.incident(50, 50), **given, **values})


def ruling(**values: object) -> Ruling:
    given: dict[str, object] = {
        "city": toy.city(), "category": category(), "department": department(),
        "geom": toy.box(90, 0, 20, 100), "why": "现场会勘", "valid": toy.ALWAYS,
    }  # fmt: skip
    return Ruling.objects.create(**{**given, **values})


def joint_task(**values: object) -> JointTask:
    given: dict[str, object] = {"cause": "returned", "opened_at": timezone.now()}
    case = values.pop("incident", None) or toy.incident(50, 50)
    return JointTask.objects.create(**{"incident": case, **given, **values})


EARLIER = timedelta(hours=1)
CASES: dict[str, Callable[[], object]] = {
    "incident_satisfied": lambda: toy.incident(1, 1, satisfied=4),
    "standard_place_class": lambda: standard(place_class="moon"),
    "standard_says_all": lambda: standard(closing=""),
    "standard_valid_some": lambda: standard(valid=EMPTY),
    "standard_one_edition_at_a_time": lambda: [standard(), standard()],
    "standard_is_kept": lambda: [standard(), Standard.objects.update(closing="别的")],
    "milestone_number_once": twice_numbered,
    "milestone_unit": lambda: milestone(unit="week"),
    "milestone_limit": lambda: milestone(limit=0),
    "milestone_named": lambda: milestone(name=""),
    "milestone_is_kept": lambda: milestone(
        standard=standard(added_at=timezone.now() - EARLIER)
    ),
    "steplimit_state": lambda: step_limit(state="closed"),
    "steplimit_unit": lambda: step_limit(unit="week"),
    "steplimit_limit": lambda: step_limit(limit=0),
    "steplimit_valid_some": lambda: step_limit(valid=EMPTY),
    "steplimit_one_at_a_time": lambda: [step_limit(), step_limit()],
    "steplimit_is_kept": lambda: [step_limit(), StepLimit.objects.update(limit=60)],
    "authority_one_area": lambda: authority(
        community=toy.community("A"), subdistrict=toy.community("A").subdistrict
    ),
    "authority_has_source": lambda: authority(source=""),
    "authority_valid_some": lambda: authority(valid=EMPTY),
    "authority_one_department": lambda: [authority(), authority()],
    "authority_is_kept": lambda: [authority(), Authority.objects.all()._raw_delete("default")],
    "step_follows_step": lambda: step(number=9),
    "step_is_legal": lambda: step(state=State.CLOSED, verb="close"),
    "step_has_what_it_needs": lambda: [
        toy.incident(1, 1, state=State.REPORTED, filed_at=None),
        Step.objects.create(
            incident=Incident.objects.latest("pk"), number=2, verb="file", came_from="reported",
            state="filed", begins=timezone.now(), entered=timezone.now(),
        ),
    ],
    "step_is_kept": lambda: first_step(verb="close"),
    "step_begins_before_end": lambda: first_step(ends=toy.OPENED),
    "step_soon_before_due": lambda: first_step(due=timezone.now()),
    "step_case_soon_before_due": lambda: first_step(
        case_due=timezone.now(), case_soon_at=timezone.now() + timedelta(hours=1)
    ),
    "step_own_within_bundled": lambda: first_step(own_minutes=2, bundled_minutes=1),
    "deadline_number_once": two_deadlines,
    "deadline_unit": lambda: deadline(unit="week"),
    "deadline_in_order": lambda: deadline(due=toy.OPENED),
    "assignment_part": lambda: assignment(part="boss"),
    "assignment_since_before_until": lambda: assignment(until=toy.OPENED),
    "assignment_one_lead": second_lead,
    "assignment_once_at_a_time": helps_twice,
    "application_form": lambda: application(kind="ask_extension"),
    "application_has_reason": lambda: application(why=""),
    "application_decided_whole": lambda: application(granted=True),
    "application_four_eyes": decided_alone,
    "application_one_open": lambda: application(incident=application().incident),
    "supervision_has_words": lambda: supervision(words=""),
    "supervision_replied_whole": lambda: supervision(reply="好"),
    "casereceipt_wish_form": lambda: CaseReceipt.objects.create(
        client_id=uuid4(), verb="file", wish="short", incident=toy.incident(1, 1)
    ),
    "ruling_has_reason": lambda: ruling(why=""),
    "ruling_valid_some": lambda: ruling(valid=EMPTY),
    "ruling_overlap": lambda: [ruling(), ruling(geom=toy.box(100, 50, 20, 100))],
    "ruling_is_kept": lambda: [ruling(), Ruling.objects.update(why="改了")],
    "jointtask_cause": lambda: joint_task(cause="mood"),
    "jointtask_one_open": lambda: joint_task(incident=joint_task().incident),
    "jointtask_ruled_is_settled": lambda: joint_task(ruling=ruling()),
}  # fmt: skip


def contest(**values: object) -> Contest:
    given: dict[str, object] = {
        "rate": "rework", "why": "同一处两件", "asked_at": timezone.now(),
    }  # fmt: skip
    case = values.pop("incident", None) or toy.incident(50, 50)
    return Contest.objects.create(**{"incident": case, **given, **values})


def contest_decided_alone() -> None:
    user = User.objects.create(username="somebody")
    contest(asked_by=user, decided_by=user, decided_at=timezone.now(), upheld=True)


def evaluation(**values: object) -> Evaluation:
    now = timezone.now()
    given: dict[str, object] = {
        "city": toy.city(), "since": now - EARLIER, "until": now, "version": "1", "made_at": now,
        "values": {},
    }  # fmt: skip
    return Evaluation.objects.create(**{**given, **values})


CASES |= {
    "contest_rate": lambda: contest(rate="mood"),
    "contest_has_reason": lambda: contest(why=""),
    "contest_decided_whole": lambda: contest(upheld=True),
    "contest_four_eyes": contest_decided_alone,
    "contest_one_open": lambda: contest(incident=contest().incident),
    "evaluation_since_before_until": lambda: evaluation(until=toy.OPENED),
    "evaluation_has_version": lambda: evaluation(version=""),
    "evaluation_is_kept": lambda: [evaluation(), Evaluation.objects.update(values={"all": 1})],
}
