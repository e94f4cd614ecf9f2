"""Spreading: once each, whatever breaks; what leaves the house names nobody; a day in one mail."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, OperationalError, connection
from django.utils import timezone

from gridmap.actions.demo import removal
from gridmap.actions.incidents import Report, report_incident
from gridmap.actions.notices import Wish, wish_notices
from gridmap.errors import BadValue
from gridmap.layers import spreading
from gridmap.layers.contacts import Contact
from gridmap.layers.deliveries import Delivery
from gridmap.layers.hearers import EARS, TOLD, hearers
from gridmap.layers.notices import Notice, NoticeWish, Outbox, word_of
from gridmap.layers.people import ChiefTerm
from gridmap.layers.postings import Role
from gridmap.layers.spreading import forget_old, gather, message, spread_one
from tests import town as toy
from tests.cases.conftest import Office
from tests.notices.conftest import tell, told

ROBOT = {"name": "甲社区群", "url": "https://robot.example/send?key=secret-key"}
HOOK = {"name": "hook", "url": "https://hook.example", "secret": "s3cret"}


def test_every_sort_of_notice_has_a_word_and_ears(db: None) -> None:
    for (_, verb), found in TOLD.items():
        assert word_of(verb)
        assert set(found.ears) <= set(EARS)


def test_told_again_it_is_told_once(office: Office) -> None:
    office.report()
    (row,) = Outbox.objects.all()
    again = {name: getattr(row, name) for name in ("key", "verb", "subject_kind", "subject_id",
                                                   "entry", "at")}  # fmt: skip
    tell()
    before = Notice.objects.count()
    assert before > 0
    Outbox.objects.create(**again)
    tell()
    assert Notice.objects.count() == before


def test_a_row_that_cannot_be_told_holds_up_nobody_and_is_set_aside(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = office.report(), office.report(60, 50)
    real = hearers

    def stumble(matter: Any, ears: Any) -> set[int]:
        if matter.about.pk == bad.pk:
            raise ZeroDivisionError
        return real(matter, ears)

    monkeypatch.setattr(spreading, "hearers", stumble)
    tell()
    assert Notice.objects.filter(incident=good).exists()
    assert list(Outbox.objects.values_list("subject_id", "tries", "stuck")) == [
        (bad.pk, spreading.TRIES, True)
    ]
    assert spread_one() is False
    # Mended, it is told late rather than never.
    monkeypatch.setattr(spreading, "hearers", real)
    Outbox.objects.update(stuck=False)
    tell()
    assert Notice.objects.filter(incident=bad).exists()


@pytest.mark.django_db(transaction=True)
def test_a_database_that_goes_away_is_no_fault_of_the_row(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    toy.build()
    duty, cadre = toy.eyes("duty", role=Role.DISPATCHER), toy.eyes("cadre", "A")
    Outbox.objects.all().delete()
    Office(toy.city(), {"duty": duty, "cadre": cadre, "worker": cadre}).report()

    def killed(*_given: object) -> set[int]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        return set()

    monkeypatch.setattr(spreading, "hearers", killed)
    with pytest.raises(OperationalError):
        spread_one()
    connection.close()
    assert list(Outbox.objects.values_list("tries", "stuck")) == [(0, False)]
    assert "could not be told" not in caplog.text
    monkeypatch.undo()
    tell()
    assert told("report") == {"duty"}


def test_what_is_wanted_no_more_is_not_written_and_mail_goes_to_who_wants_it(
    office: Office, settings: Any
) -> None:
    settings.EMAIL_HOST = "mail.example"
    wish_notices(
        by=office.eyes["duty"], wishes={"new": Wish(mail="once"), "result": Wish(wanted=False)}
    )
    case = office.report()
    office.act(case, "verify", "cadre", finding=True)
    tell()
    assert told("report") == {"duty"}
    assert told("verify") == set()
    duty = User.objects.get(username="duty")
    assert [(row.channel, row.target) for row in Delivery.objects.all()] == [("mail", str(duty.pk))]


@pytest.mark.parametrize(
    ("limits", "heard"),
    [
        ({}, True),
        ({"city": "toy", "community": "350404001001"}, True),
        ({"community": "350404001002"}, False),
        ({"city": "elsewhere"}, False),
        ({"department": "sanitation"}, True),
        ({"department": "urban"}, False),
        ({"kinds": ["due"]}, False),
        ({"kinds": ["new", "due"]}, True),
    ],
)
def test_a_group_hears_of_its_city_community_department_and_sorts_only(
    office: Office, settings: Any, limits: dict[str, Any], *, heard: bool
) -> None:
    settings.ROBOTS = [ROBOT | limits]
    settings.WEBHOOKS = [HOOK | limits]
    office.report()
    tell()
    found = {(row.channel, row.target) for row in Delivery.objects.all()}
    assert found == ({("robot", "甲社区群"), ("webhook", "hook")} if heard else set())


def test_what_leaves_the_house_holds_no_words_of_a_reporter_and_no_person(
    office: Office, settings: Any
) -> None:
    """Canaries in every field people type into; none is in any message, on any channel."""
    settings.ROBOTS, settings.WEBHOOKS = [ROBOT], [HOOK]
    report = Report(
        place=toy.at(50, 50), title="canary-title", text="canary-text", category="0102",
        address="canary-address",
    )  # fmt: skip
    case = report_incident(by=office.eyes["worker"], report=report)[0]
    Contact.objects.create(incident=case, name="canary-name", phone="13900001111")
    office.act(case, "verify", "cadre", finding=True, why="canary-why")
    office.act(case, "file", "duty")
    office.act(case, "dispatch", "duty")
    office.act(case, "supervise", "leader", why="canary-press")
    tell()
    sent = json.dumps(list(Delivery.objects.values_list("body", flat=True)), ensure_ascii=False)
    assert Delivery.objects.count() >= 6
    assert "canary" not in sent
    assert "1390000" not in sent
    for user in User.objects.all():
        assert f'"{user.username}"' not in sent
    # Control: the canaries are there to be found, and the number is told.
    case.refresh_from_db()
    assert "canary" in case.title
    assert case.number in sent


def test_the_mail_of_a_day_holds_what_was_not_read_and_comes_once(
    office: Office, settings: Any
) -> None:
    settings.EMAIL_HOST = "mail.example"
    duty = office.eyes["duty"]
    wish_notices(by=duty, wishes={"new": Wish(mail="daily")})
    first, second = office.report(), office.report(60, 50)
    tell()
    eight = datetime(2026, 11, 27, 0, 0, tzinfo=UTC)  # in Sanming
    mine = Notice.objects.filter(user__username="duty")
    mine.update(at=eight - timedelta(hours=3))
    mine.filter(incident=second).update(read_at=timezone.now())
    assert gather(eight - timedelta(minutes=1)) == 0, "not before eight"
    assert gather(eight + timedelta(minutes=1)) == 1
    assert gather(eight + timedelta(hours=2)) == 0
    (mail,) = Delivery.objects.all()
    assert [one["number"] for one in mail.body["told"]] == [first.number]
    assert gather(eight + timedelta(days=1, minutes=1)) == 0, "nothing new, no mail"


def test_old_notices_go_and_what_nobody_came_for_is_news_no_more(office: Office) -> None:
    office.report()
    tell()
    office.report(60, 50)
    kept = Notice.objects.count()
    now = timezone.now()
    assert forget_old(now + timedelta(days=6)) == 0
    assert forget_old(now + timedelta(days=8)) == 1
    assert not Outbox.objects.exists()
    assert forget_old(now + timedelta(days=91)) == kept
    assert not Notice.objects.exists()


def test_wishes_that_make_no_sense_are_refused_and_nothing_is_kept(office: Office) -> None:
    with pytest.raises(BadValue, match="没有这一类"):
        wish_notices(by=office.eyes["duty"], wishes={"new": Wish(), "gossip": Wish()})
    with pytest.raises(BadValue, match="邮件"):
        wish_notices(by=office.eyes["duty"], wishes={"new": Wish(mail="hourly")})
    assert not NoticeWish.objects.exists()
    wish_notices(by=office.eyes["duty"], wishes={"new": Wish(wanted=False, mail="once")})
    assert list(NoticeWish.objects.values_list("wanted", "mail")) == [(False, "never")]


@pytest.mark.django_db(transaction=True)
def test_two_who_empty_the_outbox_at_once_tell_each_thing_once() -> None:
    toy.build()
    duty, cadre = toy.eyes("duty", role=Role.DISPATCHER), toy.eyes("cadre", "A")
    office = Office(toy.city(), {"duty": duty, "cadre": cadre, "worker": cadre})
    Outbox.objects.all().delete()
    for _ in range(40):
        office.report()
    done: list[int] = []
    faults: list[Exception] = []

    def empty() -> None:
        try:
            while spread_one():
                done.append(1)
        except Exception as fault:  # noqa: BLE001 - shown by the test
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=empty) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults
    assert len(done) == 40
    assert Notice.objects.filter(user__username="duty").count() == 40
    assert not Outbox.objects.filter(stuck=True).exists()


def test_nobody_is_told_of_the_same_thing_twice_by_rule_of_the_database(office: Office) -> None:
    office.report()
    tell()
    row = Notice.objects.first()
    assert row is not None
    row.pk = None
    with pytest.raises(IntegrityError, match="notice_once"):
        row.save(force_insert=True)


def test_a_demo_goes_with_its_notices_and_deliveries(office: Office, settings: Any) -> None:
    settings.ROBOTS = [ROBOT]
    office.report()
    tell()
    assert Delivery.objects.exists()
    tables = [table for table, _, _ in removal.ORDER]
    assert tables.index("notice") < tables.index("incident")
    assert tables.index("attempt") < tables.index("delivery")


def test_a_message_about_a_plan_or_an_office_says_where_to_look_and_no_more(office: Office) -> None:
    term = ChiefTerm.objects.earliest("pk")
    body = message("appoint", "office", term, timezone.now(), "zh-hans")
    assert set(body) == {"verb", "kind", "word", "at", "community", "path", "language"}
    assert body["path"] == "/inbox"
