"""Who hears what: those it concerns, who were there when it happened, and may open it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils import timezone

from gridmap.actions.people import appoint
from gridmap.actions.people.terms import Seat, Span, Who
from gridmap.actions.twins import link_twin
from gridmap.layers.cases import Application, Step
from gridmap.layers.incidents import Incident
from gridmap.layers.notices import Kind, Notice, Outbox, unread
from gridmap.layers.people import Department
from gridmap.layers.places import Building
from gridmap.layers.postings import Posting, Role, scope_of
from tests import town as toy
from tests.cases.conftest import Office
from tests.notices.conftest import tell, told


def test_each_step_is_told_to_whom_it_concerns_and_never_to_who_did_it(office: Office) -> None:
    toy.posted("chief", role=Role.CHIEF)  # 苏望舒 of building 1
    case = office.report(50, 70)
    tell()
    assert told("report") == {"chief", "duty"}, "the worker reported it"
    for verb, who, said in (
        ("verify", "cadre", {"finding": True}), ("file", "duty", {}), ("dispatch", "duty", {}),
        ("accept", "sanitation", {}), ("answer", "sanitation", {"why": "已清走"}),
        ("send", "duty", {}), ("inspect", "cadre", {"finding": True}), ("close", "duty", {}),
    ):  # fmt: skip
        office.act(case, verb, who, **said)
    tell()
    assert told("verify") == told("answer") == told("inspect") == {"duty"}
    assert told("file") == told("accept") == set()
    assert told("dispatch") == {"sanitation"}
    assert told("send") == {"worker", "chief"}, "who can look whether it is done"
    assert told("close") == {"worker", "sanitation"}, "the reporter, and whose work it was"
    assert {row.kind for row in Notice.objects.filter(verb="dispatch")} == {Kind.TASK}
    assert not Outbox.objects.exists()


def test_another_place_and_another_department_hear_nothing(office: Office) -> None:
    office.upto("closed")
    tell()
    strangers = {"cadre_b", "urban", "planner", "patrol"}
    assert not Notice.objects.filter(user__username__in=strangers).exists()
    # Control: a department hears of what is its own.
    case = office.upto("filed", 60, 50)
    urban = Department.objects.get(code="urban")
    office.act(case, "dispatch", "duty", department=urban.pk)
    tell()
    assert "urban" in told("dispatch")


def test_wishes_are_told_to_who_may_grant_and_the_answer_to_who_asked(office: Office) -> None:
    case = office.upto("handling")
    office.act(case, "ask_extension", "sanitation", amount=1, unit="work_day", why="缺件")
    tell()
    assert told("ask_extension") == {"duty", "leader"}
    asked = Application.objects.get(incident=case)
    office.act(case, "deny", "leader", application=asked.pk, why="请按期办理")
    tell()
    assert told("deny") == {"sanitation"}


def test_a_press_reaches_whose_hands_it_is_in_and_the_reply_comes_back(office: Office) -> None:
    filed, sent = office.upto("filed"), office.upto("dispatched", 60, 50)
    office.act(filed, "supervise", "leader", why="请尽快派遣")
    office.act(sent, "supervise", "leader", why="请尽快处理")
    # What was done since changes nothing: it is told as it was when it happened.
    office.act(sent, "accept", "sanitation")
    office.act(sent, "answer", "sanitation", why="已清走")
    tell()
    heard = Notice.objects.filter(verb="supervise").values_list("incident", "user__username")
    assert set(heard) == {(filed.pk, "duty"), (sent.pk, "sanitation")}


def sweep() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT gridmap_sweep(), gridmap_sweep_cases()")


def brought_to(case: Incident, *, soon: int, due: int) -> None:
    """The hands of the clock are moved: minutes from now; the lights do not know it yet."""
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            "UPDATE layers_incident SET soon_at = %s, due = %s WHERE id = %s",
            [now + timedelta(minutes=soon), now + timedelta(minutes=due), case.pk],
        )
        cursor.execute(
            "UPDATE layers_step SET soon_at = %s, due = %s, case_soon_at = %s, case_due = %s"
            " WHERE incident_id = %s AND ends IS NULL",
            [*[now + timedelta(minutes=soon), now + timedelta(minutes=due)] * 2, case.pk],
        )
        cursor.execute("SET LOCAL session_replication_role = origin")


def test_a_case_that_comes_near_its_end_is_told_once_and_past_it_once_more(office: Office) -> None:
    case = office.upto("handling")
    tell()
    brought_to(case, soon=-5, due=60)
    sweep()
    sweep()
    tell()
    assert told("soon") == {"sanitation"}
    assert Notice.objects.filter(verb="soon").count() == 1
    assert told("late") == set()
    brought_to(case, soon=-65, due=-1)
    sweep()
    sweep()
    tell()
    assert told("late") == {"sanitation", "duty"}
    assert Notice.objects.filter(verb="late").count() == 2
    assert {row.kind for row in Notice.objects.filter(verb__in=("soon", "late"))} == {Kind.DUE}


def test_a_step_with_a_limit_of_its_own_is_told_to_whose_step_it_is(office: Office) -> None:
    case = office.upto("filed")
    tell()
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            "UPDATE layers_step SET soon_at = %s, due = %s, light = 1"
            " WHERE incident_id = %s AND ends IS NULL",
            [now - timedelta(minutes=9), now - timedelta(minutes=1), case.pk],
        )
        cursor.execute("SET LOCAL session_replication_role = origin")
    sweep()
    tell()
    assert told("step_late") == {"duty"}
    assert told("late") == set(), "the case itself has time"
    assert Step.objects.get(incident=case, ends=None).light == 3


def test_both_reporters_of_one_matter_are_told_of_their_own_report(office: Office) -> None:
    first = office.report()
    second = office.report(60, 50)
    Incident.objects.filter(pk=second.pk).update(
        reporter=User.objects.get(username="patrol")
    )  # fmt: skip
    link_twin(by=office.eyes["duty"], incident=second.pk, original=first.pk)
    tell()
    rows = Notice.objects.filter(verb="link_twin")
    assert [(row.user.username, row.incident_id) for row in rows] == [("patrol", second.pk)]


def test_whoever_leaves_before_it_is_told_hears_nothing_and_who_comes_after_neither(
    office: Office,
) -> None:
    office.upto("dispatched")
    now = timezone.now()
    left = Posting.objects.filter(user__username="sanitation")
    left.update(valid=DateTimeTZRange(toy.OPENED, now))
    later = User.objects.create_user("later", password="later-secret-7")
    Posting.objects.create(
        user=later, role=Role.DEPARTMENT, city=office.town,
        department=Department.objects.get(code="sanitation"),
        valid=DateTimeTZRange(now, None),
    )  # fmt: skip
    tell()
    assert told("dispatch") == set()
    # Control: with the posting in force all along it is told.
    left.update(valid=toy.ALWAYS)
    office.upto("dispatched", 60, 50)
    Posting.objects.filter(user=later).update(valid=DateTimeTZRange(timezone.now(), None))
    tell()
    assert told("dispatch") == {"sanitation"}


def test_what_one_may_no_longer_open_is_neither_shown_nor_counted(office: Office) -> None:
    case = office.upto("dispatched")
    tell()
    user = User.objects.get(username="sanitation")
    assert unread(scope_of(user.pk)) == Notice.objects.within(scope_of(user.pk)).count() == 1
    urban = Department.objects.get(code="urban")
    office.act(case, "redispatch", "duty", department=urban.pk, why="不属环卫")
    tell()
    assert unread(scope_of(user.pk)) == Notice.objects.within(scope_of(user.pk)).count() == 0
    assert told("redispatch") == {"urban"}
    assert Notice.objects.filter(user=user).count() == 1, "kept, and hidden"


def test_who_gets_an_office_is_told(office: Office) -> None:
    building = Building.objects.get(address="榕树巷 2 号")
    person = Posting.objects.get(user__username="worker").person
    assert person is not None
    appoint(
        by=office.eyes["leader"], seat=Seat("building", building.pk),
        who=Who(person=person.pk), span=Span(None, None),
    )  # fmt: skip
    tell()
    assert told("appoint") == {"worker"}


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_is_not_told_and_what_is_done_is() -> None:
    toy.build()
    duty, cadre = toy.eyes("duty", role=Role.DISPATCHER), toy.eyes("cadre", "A")
    office = Office(toy.city(), {"duty": duty, "cadre": cadre, "worker": cadre})
    Outbox.objects.all().delete()
    with transaction.atomic():
        office.report()
        assert Outbox.objects.count() == 1, "it waits, in this transaction"
        transaction.set_rollback(True)
    assert not Outbox.objects.exists()
    office.report()
    tell()
    assert told("report") == {"duty"}
