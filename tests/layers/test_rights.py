"""Who may do what stands in one table, and holds inside the area of the posting that gives it."""

import re
from pathlib import Path

import pytest

from gridmap.errors import NotYours
from gridmap.layers.postings import Role, operator_scope
from gridmap.layers.rights import RESIDENT, RIGHTS
from gridmap.layers.scope import Area, Post, Scope, Spot
from gridmap.layers.territory import City
from tests import town as toy

CITY, COMMUNITY, CELL = 1, 11, 111


def posted(role: str, **area: set[int]) -> Scope:
    held = Area(**{kind: frozenset(ids) for kind, ids in area.items()})
    return Scope(7, frozenset({CITY}), held, posts=frozenset({Post(role, held)}))


def test_a_right_holds_inside_the_area_of_its_posting_only() -> None:
    cadre = posted("cadre", communities={COMMUNITY})
    assert cadre.may("appoint", CITY, COMMUNITY)
    assert cadre.may("appoint", CITY, COMMUNITY, CELL)
    assert not cadre.may("appoint", CITY, COMMUNITY + 1)
    assert not cadre.may("appoint", CITY)
    worker = posted("worker", cells={CELL})
    assert worker.may("report", CITY, COMMUNITY, CELL)
    assert not worker.may("report", CITY, COMMUNITY, CELL + 1)
    assert not worker.may("report", CITY, COMMUNITY)


def test_a_right_is_not_lent_from_one_posting_to_the_area_of_another() -> None:
    here = Post("cadre", Area(communities=frozenset({COMMUNITY})))
    there = Post("planner", Area(cities=frozenset({CITY})))
    scope = Scope(7, frozenset({CITY}), posts=frozenset({here, there}))
    assert scope.may("appoint", CITY, COMMUNITY)
    assert not scope.may("appoint", CITY, COMMUNITY + 1)
    assert scope.may("draft", CITY, COMMUNITY + 1)


def test_whoever_lacks_a_right_is_told_so() -> None:
    leader = posted("leader", cities={CITY})
    leader.must("publish", CITY)
    with pytest.raises(NotYours) as refused:
        leader.must("draft", CITY)
    assert refused.value.detail == {"verb": "draft"}
    with pytest.raises(NotYours):
        leader.must_at("publish", Spot(CITY + 1, COMMUNITY))


def test_a_deed_without_a_row_is_a_fault_of_the_program() -> None:
    with pytest.raises(KeyError):
        posted("leader", cities={CITY}).may("sing", CITY)


def test_whoever_sits_at_the_server_may_do_everything(town: City) -> None:
    operator = operator_scope()
    assert all(operator.may(verb, town.pk, toy.community("A").pk) for verb in RIGHTS)
    assert not any(Scope(None).may(verb, town.pk) for verb in RIGHTS)


def test_the_table_of_rights_is_the_one_in_the_documents() -> None:
    text = (Path(__file__).parents[2] / "docs/api.md").read_text(encoding="utf-8")
    row = re.compile(r"^\| ((?:`\w+`(?:, )?)+) \| ([a-z, ]+) \|$", re.MULTILINE)
    told: dict[str, frozenset[str]] = {}
    for verbs, roles in row.findall(text.partition("| verb | who may |")[2].partition("\n\n")[0]):
        for verb in re.findall(r"`(\w+)`", verbs):
            told[verb] = frozenset(roles.split(", "))
    assert told == RIGHTS
    bearers = {*Role.values, "admin", RESIDENT}
    assert {role for roles in RIGHTS.values() for role in roles} <= bearers
