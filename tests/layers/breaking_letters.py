"""How to break the rules of photos, letters and twins; test_invariants tries each."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from gridmap.layers.desk import SavedFilter
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
}


def saved(**values: Any) -> SavedFilter:
    user = User.objects.first() or User.objects.create_user("somebody")
    return SavedFilter.objects.create(**{"user": user, "name": "超期", "query": "", **values})


CASES |= {
    "savedfilter_name_once": lambda: [saved(), saved()],
    "savedfilter_has_name": lambda: saved(name=""),
}
