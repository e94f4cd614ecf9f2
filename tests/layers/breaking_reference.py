"""How to break the rules of accounts and reference data; test_invariants tries each."""

from collections.abc import Callable
from datetime import time

from django.contrib.auth.models import User
from django.db.backends.postgresql.psycopg_any import DateRange, DateTimeTZRange
from django.utils import timezone

from gridmap.layers.accounts import Account, RecoveryCode
from gridmap.layers.calendars import CalendarDay, WorkSlot
from gridmap.layers.city_settings import CitySetting
from gridmap.layers.identities import Identity
from gridmap.layers.sessions import UserSession
from tests import town as toy

OPENED_ON = toy.OPENED.date()
EMPTY = DateTimeTZRange(toy.OPENED, toy.OPENED)


def calendar_day(**values: object) -> CalendarDay:
    standard: dict[str, object] = {
        "city": toy.city(), "day": OPENED_ON, "kind": "holiday", "source": "通知",
    }  # fmt: skip
    return CalendarDay.objects.create(**{**standard, **values})


def slot(**values: object) -> WorkSlot:
    standard: dict[str, object] = {
        "city": toy.city(), "season": "冬令", "begins": time(8), "ends": time(12),
        "valid": DateRange(OPENED_ON, None),
    }  # fmt: skip
    return WorkSlot.objects.create(**{**standard, **values})


def person(name: str) -> User:
    return User.objects.create_user(name)


def identity(user: User, way: str, subject: str) -> Identity:
    return Identity.objects.create(user=user, way=way, subject=subject)


def setting(**values: object) -> CitySetting:
    standard: dict[str, object] = {
        "city": toy.city(), "name": "small_number", "value": "5", "valid": toy.ALWAYS,
    }  # fmt: skip
    return CitySetting.objects.create(**{**standard, **values})


def user() -> User:
    return User.objects.get_or_create(username="somebody")[0]


CASES: dict[str, Callable[[], object]] = {
    "identity_of_one_account": lambda: (
        identity(person("ku"), "oidc", "u-1"),
        identity(person("la"), "oidc", "u-1"),
    ),
    "identity_one_a_provider": lambda: [
        identity(one, "oidc", subject) for one in [person("ku")] for subject in ("u-1", "u-2")
    ],
    "identity_way": lambda: identity(person("ku"), "github", "u-1"),
    "identity_subject_form": lambda: identity(person("ku"), "oidc", " u-1"),
    "calendarday_once": lambda: [calendar_day(), calendar_day()],
    "calendarday_kind": lambda: calendar_day(kind="festival"),
    "calendarday_has_source": lambda: calendar_day(source=""),
    "workslot_begins_before_end": lambda: slot(begins=time(12), ends=time(8)),
    "workslot_valid_some": lambda: slot(valid=DateRange(OPENED_ON, OPENED_ON)),
    "workslot_one_at_a_time": lambda: [slot(), slot(begins=time(11), ends=time(13))],
    "citysetting_name": lambda: setting(name="mood"),
    "citysetting_value_form": lambda: setting(value="5.5"),
    "citysetting_band_in_order": lambda: setting(name="cell_households", value="500-300"),
    "citysetting_valid_some": lambda: setting(valid=EMPTY),
    "citysetting_one_at_a_time": lambda: [setting(), setting(value="7")],
    "account_totp_whole": lambda: Account.objects.create(user=user(), totp_secret="half"),
    "recoverycode_once": lambda: [
        RecoveryCode.objects.create(user=user(), mark="0" * 64) for _ in range(2)
    ],
    "recoverycode_mark_form": lambda: RecoveryCode.objects.create(user=user(), mark="abcd-efgh"),
    "usersession_key_form": lambda: UserSession.objects.create(
        session_key="' OR 1=1", session_data="", expire_date=timezone.now()
    ),
}
