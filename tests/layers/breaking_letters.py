"""How to break the rules of photos, letters and twins; test_invariants tries each."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone

from gridmap.layers.cases import Step
from gridmap.layers.desk import SavedFilter
from gridmap.layers.incidents import Incident
from gridmap.layers.letters import Letter
from gridmap.layers.photos import Photo
from gridmap.layers.twins import Twin
from tests import town as toy

HASH = "0" * 64


def photo(**values: Any) -> Photo:
    standard = {"incident": toy.incident(50, 50), "sha256": HASH, "width": 1, "height": 1,
                "role": "resident"}  # fmt: skip
    return Photo.objects.create(**{**standard, **values})


def letter(**values: Any) -> Letter:
    standard = {"incident": toy.incident(50, 50), "secret_hash": HASH}
    return Letter.objects.create(**{**standard, **values})


def twice_the_same() -> Photo:
    case = toy.incident(50, 50)
    photo(incident=case)
    return photo(incident=case)


def own_twin() -> Twin:
    case = toy.incident(50, 50)
    return Twin.objects.create(incident=case, original=case)


def open_twin() -> None:
    """A case that leads to another one and is worked on nevertheless."""
    Twin.objects.create(incident=toy.incident(50, 50), original=toy.incident(50, 50))
    connection.check_constraints()


def joined_to_none() -> None:
    """A case that ended as joined and leads nowhere."""
    taken("link_twin", "void", toy.incident(50, 50))
    connection.check_constraints()


def taken(verb: str, state: str, case: Incident) -> None:
    last = Step.objects.get(incident=case, ends=None)
    now = timezone.now()
    Step.objects.create(
        incident=case, number=last.number + 1, verb=verb, came_from=last.state, state=state,
        begins=now, entered=now,
    )  # fmt: skip


def parted_elsewhere() -> None:
    """A case that was joined when it was filed, and comes back as handled."""
    case = toy.incident(50, 50)
    taken("link_twin", "void", case)
    taken("unlink_twin", "handling", case)


CASES: dict[str, Callable[[], object]] = {
    "photo_once": twice_the_same,
    "photo_hash": lambda: photo(sha256="x" * 64),
    "photo_moment": lambda: photo(moment="never"),
    "photo_size": lambda: photo(width=0),
    "photo_has_role": lambda: photo(role=""),
    "letter_secret_form": lambda: letter(secret_hash="secret"),
    "letter_judged_whole": lambda: letter(state="shown"),
    "letter_private_is_not_shown": lambda: letter(
        state="shown", private=True, judged_at=timezone.now()
    ),
    "twin_of_another": own_twin,
    "joined_case_has_ended": open_twin,
    "joined_case_has_ended is violated": joined_to_none,
    "step_parts_what_was_joined": parted_elsewhere,
}


def saved(**values: Any) -> SavedFilter:
    user = User.objects.first() or User.objects.create_user("somebody")
    return SavedFilter.objects.create(**{"user": user, "name": "超期", "query": "", **values})


CASES |= {
    "savedfilter_name_once": lambda: [saved(), saved()],
    "savedfilter_has_name": lambda: saved(name=""),
}
