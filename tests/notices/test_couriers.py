"""Couriers and rounds: messages arrive, once, through failures, delays, dead workers and limits."""

from __future__ import annotations

import hashlib
import hmac
import logging
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from gridmap.actions.notices import send_again
from gridmap.errors import OutOfScope, WrongState
from gridmap.layers import couriers, rounds
from gridmap.layers.couriers import NotSent
from gridmap.layers.deliveries import Attempt, Delivery
from gridmap.layers.postings import Role
from gridmap.layers.rounds import ROBOT_A_MINUTE, take, try_one, wait_after
from gridmap.layers.wording import MOST
from tests import town as toy
from tests.notices.carrying import BODY, carry, delivery
from tests.notices.far_side import FarSide, far_side

SECRET = "s3cret"


@pytest.fixture
def side(town: object, settings: Any) -> Iterator[FarSide]:
    """The far side, named in the settings as robot and as webhook."""
    with far_side() as found:
        name(settings, found)
        yield found


def name(settings: Any, found: FarSide) -> None:
    robot = {"name": "robot", "url": found.url("/send?key=robot-key"), "inside": True}
    hook = {"name": "hook", "url": found.url(), "secret": SECRET, "inside": True}
    settings.ROBOTS, settings.WEBHOOKS = [robot], [hook]


def test_a_webhook_gets_json_signed_over_time_and_body(side: FarSide) -> None:
    row = delivery("webhook")
    carry()
    (got,) = side.got
    stamp = got.headers["X-Gridmap-Time"].encode()
    signed = hmac.new(SECRET.encode(), stamp + b"." + got.body, hashlib.sha256).hexdigest()
    assert got.headers["X-Gridmap-Signature"] == f"sha256={signed}"
    assert got.headers["Idempotency-Key"] == got.told["id"] == str(row.key)
    assert got.told["number"] == BODY["number"]
    row.refresh_from_db()
    assert (row.state, row.tries, row.taken_until) == ("sent", 1, None)


def test_a_robot_gets_markdown_or_text_that_fits_and_says_where_to_look(
    side: FarSide, settings: Any
) -> None:
    settings.PUBLIC_URL = "https://grid.example/"
    settings.ROBOTS.append({**settings.ROBOTS[0], "name": "plain", "format": "text"})
    for target, form in (("robot", "markdown"), ("plain", "text")):
        delivery("robot", target=target, body=BODY | {"category": "楼道堆物" * 800})
        carry()
        told = side.got[-1].told
        assert set(told) == {"msgtype", form}
        assert told["msgtype"] == form
        content = told[form]["content"]
        assert len(content.encode()) <= MOST[form]
        assert "…" in content
        assert "https://grid.example/cases/20261126-0001?city=toy" in content


@pytest.mark.parametrize("mood", ["500", "503", "404", "busy", "redirect"])
def test_a_refusal_is_tried_again_until_it_arrives_and_it_arrives_once(
    side: FarSide, mood: str
) -> None:
    side.moods = [mood, mood]
    row = delivery("robot")
    carry()
    row.refresh_from_db()
    assert row.state == "sent"
    assert len(side.got) == 3
    assert {got.path for got in side.got} == {"/send?key=robot-key"}, "nobody leads us elsewhere"
    assert [bool(one.trouble) for one in row.attempts.all()] == [True, True, False]


def test_an_answer_that_never_came_is_not_repeated_to_a_robot_and_is_to_a_webhook(
    side: FarSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(couriers, "PATIENCE", (1.0, 0.3))
    for mood in ("slow", "stall", "cut"):
        side.moods = [mood]
        robot = delivery("robot", about=mood)
        carry()
        robot.refresh_from_db()
        assert (robot.state, robot.tries) == ("unsure", 1), "it may have arrived: a person decides"
        side.moods = [mood]
        hook = delivery("webhook", about=mood)
        carry()
        hook.refresh_from_db()
        assert (hook.state, hook.tries) == ("sent", 2)
    keys = Counter(
        got.headers["Idempotency-Key"] for got in side.got if "Idempotency-Key" in got.headers
    )
    assert sorted(keys.values()) == [2, 2, 2], "the same key both times, so that it is known again"


def test_what_stands_inside_is_not_sent_through_the_proxy_and_what_is_outside_is(
    side: FarSide, settings: Any
) -> None:
    settings.OUTSIDE_PROXY = "http://127.0.0.1:9"  # nobody listens there
    inside = delivery("webhook")
    settings.ROBOTS = [{"name": "robot", "url": "https://robot.invalid/send"}]
    outside = delivery("robot")
    assert try_one()
    assert try_one()
    inside.refresh_from_db()
    outside.refresh_from_db()
    assert (inside.state, len(side.got)) == ("sent", 1)
    # The name was left to the proxy; nothing can have arrived, so it is tried again.
    assert (outside.state, outside.trouble) == ("waiting", "ProxyError")


def test_nobody_there_is_no_doubt_and_is_tried_again(settings: Any, town: object) -> None:
    with far_side() as found:
        name(settings, found)
    robot = delivery("robot")
    assert try_one()
    robot.refresh_from_db()
    assert (robot.state, robot.tries) == ("waiting", 1)
    assert robot.next_at > timezone.now()


def test_it_is_given_up_after_a_day_and_sent_again_by_whoever_minds_channels(side: FarSide) -> None:
    admin = toy.eyes("root", role=Role.ADMIN)
    side.moods = ["500"] * rounds.MOST_TRIES
    row = delivery("webhook")
    carry()
    row.refresh_from_db()
    assert (row.state, row.tries) == ("given_up", rounds.MOST_TRIES)
    assert try_one() is False
    with pytest.raises(OutOfScope):
        send_again(by=toy.eyes("duty", role=Role.DISPATCHER), delivery=row.pk)
    send_again(by=admin, delivery=row.pk)
    carry()
    row.refresh_from_db()
    assert (row.state, row.tries) == ("sent", 1)
    with pytest.raises(WrongState, match="不必再发"):
        send_again(by=admin, delivery=row.pk)


def test_waits_grow_to_an_hour_and_are_spread() -> None:
    for tries in range(1, 40):
        wanted = min(3600.0, 5.0 * 2 ** (tries - 1))
        found = {wait_after(tries).total_seconds() for _ in range(50)}
        assert all(0.8 * wanted <= one <= 1.2 * wanted for one in found)
        assert len(found) > 40, "not all at one moment"


def test_no_row_and_no_log_holds_an_address_or_a_secret(
    side: FarSide, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "gridmap")
    side.moods = ["500", "nonsense"]
    delivery("robot")
    carry()
    settings.ROBOTS = [{"name": "robot", "url": "http://robot-key.invalid/", "inside": True}]
    delivery("robot", about="entry 2")
    try_one()
    troubles = set(Delivery.objects.values_list("trouble", flat=True))
    troubles |= set(Attempt.objects.values_list("trouble", flat=True))
    assert len(troubles) >= 3
    everything = f"{troubles} {caplog.text}"
    assert not any(part in everything for part in ("robot-key", "127.0.0.1", "http:", SECRET))


@pytest.mark.parametrize(
    ("channel", "reason"),
    [
        ({"url": "http://93.184.216.34/"}, "not https"),
        ({"url": "https://127.0.0.1/"}, "leads inside"),
        ({"url": "https://169.254.169.254/latest"}, "leads inside"),
        ({"url": "https://10.0.0.8/"}, "leads inside"),
        ({"url": "https://[::1]/"}, "leads inside"),
    ],
)
def test_a_message_goes_inside_only_where_the_settings_say_so(
    town: object, settings: Any, channel: dict[str, Any], reason: str
) -> None:
    settings.WEBHOOKS = [{"name": "hook", "secret": SECRET, **channel}]
    row = delivery("webhook")
    try_one()
    row.refresh_from_db()
    assert row.state == "given_up"
    assert reason in row.trouble


def test_a_channel_taken_out_of_the_settings_ends_what_waits_for_it(
    town: object, settings: Any
) -> None:
    settings.ROBOTS = []
    row = delivery("robot")
    try_one()
    row.refresh_from_db()
    assert (row.state, row.trouble) == ("given_up", "no longer in the settings")


def test_a_row_that_breaks_the_courier_holds_up_nobody(side: FarSide) -> None:
    bad = delivery("webhook", body=["not", "a", "message"], about="entry 1")
    good = delivery("webhook", about="entry 2")
    assert try_one()
    assert try_one()
    bad.refresh_from_db()
    good.refresh_from_db()
    assert (bad.state, good.state) == ("waiting", "sent")
    assert bad.trouble


def test_what_a_dead_worker_had_taken_is_taken_again_and_of_a_robot_nobody_knows(
    side: FarSide,
) -> None:
    hook, robot = delivery("webhook"), delivery("robot")
    assert {take().pk, take().pk} == {hook.pk, robot.pk}  # type: ignore[union-attr]
    assert take() is None, "they are held"
    Delivery.objects.update(taken_until=timezone.now() - timedelta(seconds=1))
    carry()
    hook.refresh_from_db()
    robot.refresh_from_db()
    assert (hook.state, hook.tries) == ("sent", 2)
    assert (robot.state, robot.taken_until) == ("unsure", None)
    assert len(side.got) == 1


def test_who_comes_back_late_changes_nothing(side: FarSide) -> None:
    hook = delivery("webhook")
    slow = take()
    assert slow is not None
    Delivery.objects.update(taken_until=timezone.now() - timedelta(seconds=1))
    assert try_one()
    rounds.settle(slow, NotSent("too late"))
    hook.refresh_from_db()
    assert (hook.state, hook.trouble) == ("sent", "")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("workers", [1, 4])
def test_a_robot_is_called_at_most_twenty_times_a_minute_by_all_together(
    settings: Any, workers: int
) -> None:
    toy.build()
    with far_side() as side:
        name(settings, side)
        for number in range(30):
            delivery("robot", about=f"entry {number}")
        delivery("webhook")
        _all_at_once(workers)
        assert len([got for got in side.got if got.path.startswith("/send")]) == ROBOT_A_MINUTE
        assert Delivery.objects.get(channel="webhook").state == "sent", "others do not wait for it"
        waiting = Delivery.objects.filter(state="waiting")
        assert waiting.count() == 10
        assert all(row.next_at > timezone.now() for row in waiting)
        # A minute later the others go, none twice.
        Attempt.objects.update(at=timezone.now() - timedelta(seconds=61))
        waiting.update(next_at=timezone.now())
        _all_at_once(workers)
        told = [got for got in side.got if got.path.startswith("/send")]
        assert len(told) == 30
    assert Delivery.objects.filter(state="sent").count() == 31


def _all_at_once(workers: int) -> None:
    faults: list[Exception] = []

    def work() -> None:
        try:
            while try_one():
                pass
        except Exception as fault:  # noqa: BLE001 - shown by the test
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults


def test_a_robot_that_says_too_often_is_given_time_and_no_try_is_counted(side: FarSide) -> None:
    side.moods = ["busy"]
    row = delivery("robot")
    try_one()
    row.refresh_from_db()
    assert (row.state, row.tries) == ("waiting", 0)
    assert row.next_at - timezone.now() > timedelta(seconds=50)
