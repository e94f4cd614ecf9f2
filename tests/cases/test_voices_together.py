"""Reporters who speak at the same moment: one link has one word, two links have two."""

from __future__ import annotations

from collections import Counter
from uuid import uuid4

import pytest
from django.utils import timezone

from gridmap.actions.cases import Said
from gridmap.actions.voices import speak
from gridmap.errors import WrongState
from gridmap.layers.cases import Step
from gridmap.layers.incidents import Incident
from gridmap.layers.letters import Letter, hash_of
from gridmap.layers.outcomes import judgement_of
from gridmap.layers.postings import resident_scope
from gridmap.layers.scope import Scope
from gridmap.layers.twins import Twin
from tests import town as toy
from tests.cases.test_together import at_once


def closed() -> Incident:
    now = timezone.now()
    return toy.incident(50, 50, state="closed", closed_at=now)


def joined(case: Incident, east: float) -> Incident:
    """A report of the same matter; what leads to another case has ended."""
    twin = toy.incident(east, 50, state="void", filed_at=None, closed_at=timezone.now())
    Twin.objects.create(incident=twin, original=case)
    return twin


def letter_about(case: Incident, secret: str) -> Letter:
    return Letter.objects.create(incident=case, secret_hash=hash_of(secret))


def judged(by: Scope, letter: Letter, case: Incident, word: int) -> bool:
    said = Said(client_id=judgement_of(letter, case), satisfied=word)
    return speak(by=by, letter=letter, verb="evaluate", said=said).new


@pytest.mark.django_db(transaction=True)
def test_two_windows_of_one_link_at_once_are_one_word() -> None:
    toy.build()
    case, by = closed(), resident_scope()
    letter = letter_about(case, "one")
    words = [1, 3] * 6
    found = at_once([lambda word=word: judged(by, letter, case, word) for word in words])  # type: ignore[misc]
    counted = Counter("refused" if isinstance(one, WrongState) else one for one in found)
    assert counted == {True: 1, False: 5, "refused": 6}
    (step,) = Step.objects.filter(incident=case, verb="evaluate")
    case.refresh_from_db()
    assert case.satisfied == step.detail["satisfied"]


@pytest.mark.django_db(transaction=True)
def test_two_reporters_at_once_are_both_heard_and_the_lower_word_stays() -> None:
    toy.build()
    case, by = closed(), resident_scope()
    letters = []
    for number in range(6):
        twin = joined(case, 50 + number)
        letters.append(letter_about(twin, f"secret {number}"))
    found = at_once([
        lambda letter=letter, word=word: judged(by, letter, case, word)  # type: ignore[misc]
        for letter, word in zip(letters, (3, 2, 1, 3, 2, 3), strict=True)
    ])  # fmt: skip
    assert found == [True] * 6
    case.refresh_from_db()
    assert case.satisfied == 1
    assert Step.objects.filter(incident=case, verb="evaluate").count() == 6


@pytest.mark.django_db(transaction=True)
def test_two_reporters_who_open_it_again_at_once_open_it_once() -> None:
    toy.build()
    case, by = closed(), resident_scope()
    twin = joined(case, 60)
    letters = [letter_about(case, "first"), letter_about(twin, "second")]
    found = at_once([
        lambda letter=letter: speak(  # type: ignore[misc]
            by=by, letter=letter, verb="reopen", said=Said(client_id=uuid4(), why="没清")
        ).new
        for letter in letters * 3
    ])  # fmt: skip
    assert sum(one is True for one in found) == 1
    assert all(one is True or isinstance(one, WrongState) for one in found)
    assert Step.objects.filter(incident=case, verb="reopen").count() == 1
