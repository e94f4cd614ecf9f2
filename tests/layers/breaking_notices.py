"""How to break the rules of notices, wishes and deliveries; test_invariants tries each."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from gridmap.layers.deliveries import Delivery
from gridmap.layers.notices import Notice, NoticeWish
from gridmap.layers.people import ChiefTerm
from tests import town as toy


def notice(**values: Any) -> Notice:
    user = User.objects.first() or User.objects.create_user("somebody")
    standard = {"user": user, "city": toy.city(), "key": "entry 1", "kind": "new",
                "verb": "report", "at": timezone.now()}  # fmt: skip
    about = {} if "incident" in values else {"incident": toy.incident(50, 50)}
    return Notice.objects.create(**{**standard, **about, **values})


def wish(**values: Any) -> NoticeWish:
    user = User.objects.first() or User.objects.create_user("somebody")
    return NoticeWish.objects.create(**{"user": user, "kind": "new", **values})


def delivery(**values: Any) -> Delivery:
    standard = {"city": toy.city(), "channel": "robot", "target": "group", "about": "entry 1",
                "body": {}}  # fmt: skip
    return Delivery.objects.create(**{**standard, **values})


CASES: dict[str, Callable[[], object]] = {
    "notice_once": lambda: [notice(), notice()],
    "notice_kind": lambda: notice(kind="gossip"),
    "notice_about_one_thing": lambda: notice(term=ChiefTerm.objects.first()),
    "noticewish_once": lambda: [wish(), wish()],
    "noticewish_kind": lambda: wish(kind="gossip"),
    "noticewish_mail": lambda: wish(wanted=False, mail="once"),
    "delivery_once": lambda: [delivery(), delivery()],
    "delivery_channel": lambda: delivery(channel="pigeon"),
    "delivery_sent_has_time": lambda: delivery(state="sent"),
    "delivery_taken": lambda: delivery(state="given_up", taken_until=timezone.now()),
}
