"""The nightly check: clean on a sound register, and it names what is wrong on a broken one."""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.test import Client
from django.utils import timezone

from gridmap.actions.checks import check_chiefs
from gridmap.errors import NotYours
from gridmap.layers.checks import RULES, ChiefCheck
from gridmap.layers.people import ChiefTerm, Person
from gridmap.layers.places import Building, Lane
from gridmap.layers.postings import Role, operator_scope
from gridmap.layers.rollup import CellStat
from gridmap.layers.scope import Scope
from gridmap.layers.territory import CellEdition, City
from gridmap.management.commands import tend
from tests import town as toy


def sql(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def check(town: City) -> ChiefCheck:
    return check_chiefs(by=operator_scope(), city=town)


def test_a_sound_register_breaks_no_rule(town: City) -> None:
    found = check(town)
    assert found.counts["rules"] == dict.fromkeys(RULES, 0)
    assert found.counts["posts"]["building"] == {"posts": 4, "vacant": 3, "substitute": 0}
    assert found.counts["posts"]["lane"] == {"posts": 2, "vacant": 0, "substitute": 1}
    assert found.findings == []


def two_holders() -> None:
    sql("SELECT gridmap_check_now()")
    sql("ALTER TABLE layers_chiefterm DROP CONSTRAINT chiefterm_one_lane_holder")
    ChiefTerm.objects.create(
        office="lane", lane=Lane.objects.get(code="L1"), valid=toy.ALWAYS,
        person=Person.objects.get(name="苏望舒"),
    )  # fmt: skip


def no_reason() -> None:
    sql("SELECT gridmap_check_now()")
    sql("ALTER TABLE layers_chiefterm DROP CONSTRAINT chiefterm_reason")
    sql("ALTER TABLE layers_chiefterm DISABLE TRIGGER chiefterm_is_kept")
    ChiefTerm.objects.filter(standing="substitute").update(reason="")


def nobody_is_away() -> None:
    now = timezone.now()
    ChiefTerm.objects.create(
        office="building", building=Building.objects.get(code="B2"), standing="substitute",
        reason="ill", person=Person.objects.get(name="苏望舒"),
        valid=DateTimeTZRange(now - timedelta(days=1), now + timedelta(days=9)),
    )  # fmt: skip


def cell_that_ended() -> None:
    edition = CellEdition.objects.get(cell=toy.cell("A", 1))
    edition.valid = DateTimeTZRange(toy.OPENED, timezone.now())
    edition.save()
    sql("DELETE FROM layers_delta")


def wrong_figure() -> None:
    CellStat.objects.filter(cell=toy.cell("A", 1)).update(chiefs=[0] * 12)


BREACHES: dict[str, tuple[Any, str, str]] = {
    "one_holder": (two_holders, "lane", "榕树巷"),
    "substitute_has_reason": (no_reason, "lane", "石坎巷"),
    "substitute_for_somebody": (nobody_is_away, "building", "榕树巷 2 号"),
    "roll_up_is_right": (wrong_figure, "cell", "第一网格"),
}


@pytest.mark.parametrize("rule", BREACHES)
def test_what_breaks_a_rule_is_found_and_named(town: City, rule: str) -> None:
    breach, office, title = BREACHES[rule]
    breach()
    sql("SELECT gridmap_compact()" if rule != "roll_up_is_right" else "SELECT 1")
    found = check(town)
    assert found.counts["rules"][rule] == 1
    named = [(one["office"], one["title"]) for one in found.findings if one["rule"] == rule]
    assert named == [(office, title)]


def test_a_cell_that_ended_with_a_chief_is_found(town: City) -> None:
    cell_that_ended()
    found = check(town)
    (one,) = [found for found in found.findings if found["rule"] == "ended_object_has_no_chief"]
    assert (one["office"], one["id"]) == ("cell_worker", toy.cell("A", 1).pk)


def test_a_cell_that_was_redrawn_keeps_its_chief(town: City) -> None:
    edition = CellEdition.objects.get(cell=toy.cell("A", 1))
    redrawn = timezone.now() - timedelta(days=1)
    begun = edition.valid.lower
    CellEdition.objects.filter(pk=edition.pk).update(valid=DateTimeTZRange(begun, redrawn))
    edition.pk, edition.valid = None, DateTimeTZRange(redrawn, None)
    edition.save()
    assert check(town).counts["rules"]["ended_object_has_no_chief"] == 0


def test_a_building_outside_every_community_has_no_whole_ladder(town: City) -> None:
    Building.objects.create(city=town, code="B9", geom=toy.box(-60, 40, 9, 9))
    found = check(town)
    assert found.counts["rules"]["ladder_is_whole"] == 1
    (one,) = found.findings
    assert (one["rule"], one["title"]) == ("ladder_is_whole", "B9")


def test_it_is_done_once_a_night_and_again_when_asked(
    town: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tend, "NIGHT", 0)
    tend.check_nightly()
    tend.check_nightly()
    assert ChiefCheck.objects.count() == 1
    call_command("check_chiefs", stdout=StringIO())
    assert ChiefCheck.objects.count() == 2
    monkeypatch.setattr(tend, "NIGHT", 24)
    ChiefCheck.objects.all().delete()
    tend.check_nightly()
    assert not ChiefCheck.objects.exists()


def test_the_command_ends_in_failure_where_a_rule_is_broken(town: City) -> None:
    wrong_figure()
    told = StringIO()
    with pytest.raises(CommandError, match="1 处"):
        call_command("check_chiefs", "--city=toy", stdout=told)
    assert "roll_up_is_right cell 第一网格" in told.getvalue()
    with pytest.raises(CommandError, match="没有这座城市"):
        call_command("check_chiefs", "--city=nowhere")


def test_who_may_check(town: City) -> None:
    leader: Scope = toy.eyes("leader", role=Role.LEADER)
    assert check_chiefs(by=leader, city=town).broken == 0
    with pytest.raises(NotYours):
        check_chiefs(by=toy.eyes("cadre", "A"), city=town)


def test_the_page_shows_the_last_runs_and_opens_each_finding(town: City) -> None:
    client = Client()
    client.force_login(toy.posted("leader", role=Role.LEADER))
    assert "还没有核对过" in client.get("/chiefs/check").content.decode()
    check(town)
    wrong_figure()
    bad = check(town)
    page = client.get("/chiefs/check").content.decode()
    assert "有 1 处不合规则" in page
    assert f"/?overlay=chiefs&amp;cell={toy.cell('A', 1).pk}" in page
    older = ChiefCheck.objects.exclude(pk=bad.pk).get()
    assert "全部合规则" in client.get(f"/chiefs/check?run={older.pk}").content.decode()
    assert client.get("/chiefs/check?run=999999").status_code == 404
    cadre = Client()
    cadre.force_login(toy.posted("cadre", "A"))
    assert "由管全城的人看" in cadre.get("/chiefs/check").content.decode()
    assert cadre.get(f"/chiefs/check?run={bad.pk}").status_code == 404
