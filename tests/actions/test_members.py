"""Who is in a team: taken in once, let go, and kept as a time."""

import re

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from gridmap.actions.people import Who
from gridmap.actions.people.members import enrol, let_go
from gridmap.errors import BadValue, NotYours, OutOfScope, WrongState
from gridmap.layers.journal import Entry
from gridmap.layers.people import Membership, Person, Team
from gridmap.layers.postings import Role
from gridmap.layers.scope import Scope
from gridmap.layers.territory import City
from tests import town as toy


@pytest.fixture
def by(town: City) -> Scope:
    """A cadre of community A, whose team it is."""
    return toy.eyes("wang", "A")


def team(letter: str = "A") -> Team:
    return Team.objects.get(community=toy.community(letter))


def test_somebody_joins_once_leaves_and_joins_again(by: Scope) -> None:
    made = enrol(by=by, team=team().pk, who=Who(name="苏望舒"))
    assert made.person == Person.objects.get(name="苏望舒"), "who is known is not written down anew"
    with pytest.raises(WrongState):
        enrol(by=by, team=team().pk, who=Who(name="苏望舒"))
    assert let_go(by=by, member=made.pk)
    assert not let_go(by=by, member=made.pk), "again, nothing is done"
    made.refresh_from_db()
    assert made.valid.upper is not None
    again = enrol(by=by, team=team().pk, who=Who(name="苏望舒"))
    assert again.pk != made.pk
    verbs = Entry.objects.order_by("pk").values_list("verb", flat=True)
    assert list(verbs)[-3:] == ["enrol", "let_go", "enrol"]


def test_a_name_that_several_bear_is_asked_back(by: Scope, town: City) -> None:
    other = Person.objects.create(city=town, name="苏望舒", search="苏望舒")
    with pytest.raises(BadValue):
        enrol(by=by, team=team().pk, who=Who(name="苏望舒"))
    assert enrol(by=by, team=team().pk, who=Who(person=other.pk)).person == other
    with pytest.raises(BadValue):
        enrol(by=by, team=team().pk, who=Who(name="  "))


def test_only_who_looks_after_the_team_takes_people_in(by: Scope) -> None:
    with pytest.raises(NotYours):
        enrol(by=toy.eyes("li", "B"), team=team().pk, who=Who(name="新人"))
    with pytest.raises(NotYours):
        enrol(by=toy.eyes("xu", role=Role.PATROL), team=team().pk, who=Who(name="新人"))
    with pytest.raises(OutOfScope):
        enrol(by=by, team=10**9, who=Who(name="新人"))
    with pytest.raises(OutOfScope):
        let_go(by=by, member=10**9)
    assert not Person.objects.filter(name="新人").exists()


def test_the_database_lets_nobody_be_in_a_team_twice(by: Scope) -> None:
    made = enrol(by=by, team=team().pk, who=Who(name="苏望舒"))
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(team=made.team, person=made.person, valid=made.valid)


def test_the_page_of_a_team_takes_in_and_lets_go(by: Scope, client: Client, town: City) -> None:
    client.force_login(toy.posted("zhao", "A"))
    address = f"/patrols/teams/{team().pk}"
    assert "还没有队员" in client.get(address).content.decode()
    page = client.post(address, {"deed": "enrol", "name": "苏望舒"}, follow=True)
    assert "苏望舒已入队" in page.content.decode()
    member = Membership.objects.get().pk
    Person.objects.create(city=town, name="苏望舒", search="苏望舒")
    page = client.post(address, {"deed": "enrol", "name": "苏望舒"}, follow=True)
    assert "是哪一位" in page.content.decode()
    page = client.post(address, {"deed": "let_go", "member": member}, follow=True)
    told = page.content.decode()
    assert "已退队" in told
    assert re.search(r'class="small changes".*退队.*入队', told, re.DOTALL)


def test_whoever_walks_with_the_team_sees_how_many_and_not_who(by: Scope, client: Client) -> None:
    enrol(by=by, team=team().pk, who=Who(name="苏望舒"))
    client.force_login(toy.posted("xu", role=Role.PATROL))
    page = client.get(f"/patrols/teams/{team().pk}").content.decode()
    assert "队员" in page
    assert "苏望舒" not in page
