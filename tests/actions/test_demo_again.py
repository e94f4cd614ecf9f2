"""The demo loaded again, or after some days: the same town, and nobody else is touched."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection, models
from django.utils import timezone

from gridmap.actions import demo
from gridmap.layers import models as tables
from gridmap.layers.incidents import Incident
from gridmap.layers.journal import Entry, record
from gridmap.layers.patrols import Visit
from gridmap.layers.people import Person
from gridmap.layers.postings import Posting, scope_of
from gridmap.layers.territory import (
    City,
    Ground,
    PlaceCode,
    Subdistrict,
)
from tests.hamlet import Load
from tests.town import ALWAYS, box


def rows() -> dict[str, int]:
    """How many rows each table has, apart from the journal and the live map's logs."""
    kept = {"Entry", "Change", "Clock"}
    found: dict[str, int] = {}
    for name in set(tables.__all__) - kept:
        table: type[models.Model] = getattr(tables, name)
        found[name] = table._default_manager.count()
    return found


def test_again_makes_the_same_town_anew_under_a_higher_edition(
    load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = timezone.now()
    monkeypatch.setattr("django.utils.timezone.now", lambda: moment)
    load()
    first, edition = rows(), City.objects.get().edition
    told = sorted(Incident.objects.values_list("number", "title", "reported_at"))
    people = sorted(Person.objects.values_list("name", flat=True))
    seen = sorted(Visit.objects.values_list("at", "source"))
    with connection.cursor() as cursor:
        # The edition rises once a transaction, and a test is one: as if the next had begun.
        cursor.execute("SELECT set_config('gridmap.raised_' || id, '', true) FROM layers_city")
        # Nothing may hang on the ids that things happen to get.
        cursor.execute("SELECT nextval(pg_get_serial_sequence('layers_building', 'id'))")
    load(again=True)
    assert rows() == first
    assert City.objects.get().edition > edition
    assert sorted(Incident.objects.values_list("number", "title", "reported_at")) == told
    assert sorted(Person.objects.values_list("name", flat=True)) == people
    assert sorted(Visit.objects.values_list("at", "source")) == seen


def test_again_leaves_other_cities_alone_and_opens_no_door_to_them(load: Load) -> None:
    load()
    User.objects.get(username="admin").delete()
    other = City.objects.create(
        slug="other", code="990001", name="别处", metric_srid=4548, bounds=box(2000, 0, 500, 500)
    )
    office = Subdistrict.objects.create(
        city=other, code="990001001", name="别处街道", geom=box(2010, 10, 50, 50)
    )
    PlaceCode.objects.create(subdistrict=office, code="990001001", name="别处街道", valid=ALWAYS)
    Ground.objects.create(city=other, kind="water", geom=box(2100, 10, 50, 50))
    load(again=True)
    assert Subdistrict.objects.filter(city=other).count() == 1
    assert Ground.objects.filter(city=other).count() == 1
    assert not Posting.objects.filter(city=other).exists()
    assert not User.objects.filter(is_superuser=True).exists()


def refreshed(files: Path) -> str:
    """What ``load_demo --fresh`` says."""
    out = StringIO()
    call_command("load_demo", fresh=True, fixtures=files, stdout=out, stderr=StringIO())
    return out.getvalue()


def test_a_town_of_today_is_left_as_it_is(load: Load, files: Path) -> None:
    load()
    told = Entry.objects.count()
    assert "already there" in refreshed(files)
    assert Entry.objects.count() == told


def test_an_old_town_is_loaded_anew_and_that_is_said(
    load: Load, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load()
    monkeypatch.setattr(demo, "OLD", timedelta(0))
    said = refreshed(files)
    assert "it is loaded anew" in said
    assert Entry.objects.filter(verb=demo.VERB).count() == 2


def test_what_somebody_did_in_an_old_town_is_not_lost(
    load: Load, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load()
    user = User.objects.get(username="leader")
    city = City.objects.get()
    record(by=scope_of(user.pk), verb="report", subject=city, where=(city.pk, None, None))
    monkeypatch.setattr(demo, "OLD", timedelta(0))
    said = refreshed(files)
    assert "stays as it is" in said
    assert "--again" in said
    assert Entry.objects.filter(verb=demo.VERB).count() == 1
