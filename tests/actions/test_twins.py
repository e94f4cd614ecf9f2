"""Two reports of one matter: joined, chained, refused and parted."""

import pytest

from gridmap.actions.twins import link_twin, unlink_twin
from gridmap.errors import BadValue, NotYours, OutOfScope, WrongState
from gridmap.layers.incidents import Incident
from gridmap.layers.journal import Entry
from gridmap.layers.postings import Role
from gridmap.layers.territory import City
from gridmap.layers.twins import Twin
from tests import town as toy


def report(east: float) -> Incident:
    """A case that waits to be verified."""
    return toy.incident(east, 50, state="reported", filed_at=None, soon_at=None, due=None)


def test_a_chain_of_three_has_one_end(town: City) -> None:
    wang = toy.eyes("wang", "A")
    first, second, third = (report(50 + n) for n in range(3))
    link_twin(by=wang, incident=third.pk, original=second.pk)
    link_twin(by=wang, incident=second.pk, original=first.pk)
    assert dict(Twin.objects.values_list("incident", "original")) == {
        third.pk: first.pk,
        second.pk: first.pk,
    }
    fourth = report(53)
    assert link_twin(by=wang, incident=fourth.pk, original=third.pk).original == first
    assert Entry.objects.filter(verb="link_twin").count() == 3


def test_again_changes_nothing_and_elsewhere_is_refused(town: City) -> None:
    wang = toy.eyes("wang", "A")
    first, second, third = (report(50 + n) for n in range(3))
    link_twin(by=wang, incident=second.pk, original=first.pk)
    link_twin(by=wang, incident=second.pk, original=first.pk)
    assert Entry.objects.filter(verb="link_twin").count() == 1
    with pytest.raises(WrongState):
        link_twin(by=wang, incident=second.pk, original=third.pk)
    with pytest.raises(BadValue):
        link_twin(by=wang, incident=first.pk, original=second.pk)
    with pytest.raises(BadValue):
        link_twin(by=wang, incident=first.pk, original=first.pk)


def test_only_who_verifies_there_and_sees_both_may(town: City) -> None:
    here, there = toy.incident(50, 50), toy.incident(250, 50)
    with pytest.raises(OutOfScope):
        link_twin(by=toy.eyes("wang", "A"), incident=here.pk, original=there.pk)
    with pytest.raises(NotYours):
        link_twin(by=toy.eyes("lead", role=Role.LEADER), incident=here.pk, original=there.pk)
    assert Twin.objects.count() == 0


def test_a_matter_of_its_own_is_parted_again(town: City) -> None:
    wang = toy.eyes("wang", "A")
    first, second = report(50), report(51)
    with pytest.raises(OutOfScope):
        unlink_twin(by=wang, incident=second.pk)
    link_twin(by=wang, incident=second.pk, original=first.pk)
    unlink_twin(by=wang, incident=second.pk)
    assert Twin.objects.count() == 0
    assert Entry.objects.filter(verb="unlink_twin").get().before == {
        "state": "void", "original": first.number,
    }  # fmt: skip
