"""The demo town: drawn in files, peopled and put to work here. Seeded; times count from now."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from psycopg import sql

from gridmap.actions.demo import (
    accounts,
    catalogue,
    deeds,
    drafts,
    incidents,
    intervals,
    patrols,
    people,
    places,
    removal,
    shifts,
    signs,
    standards,
    teams,
    territory,
)
from gridmap.actions.demo.stage import STEPS, OnProgress, Stage, drawn
from gridmap.errors import OutOfScope, WrongState
from gridmap.layers import journal
from gridmap.layers.scope import Scope
from gridmap.layers.territory import Subdistrict

VERB = "demo_loaded"  # in the journal
ACCOUNTS = tuple(accounts.ACCOUNTS)
# After so long what is open falls due and what was seen is long ago: it no longer looks like today.
OLD = timedelta(days=1)
FIXTURES = Path(settings.ROOT) / "fixtures" / "geojson"


def is_loaded() -> bool:
    """Return whether the demo town stands."""
    return Subdistrict.objects.filter(city__slug=territory.SLUG, city__demo=True).exists()


def is_old(load: journal.Entry) -> bool:
    """Return whether a load lies so far back that the town no longer looks like today."""
    return timezone.now() - load.at > OLD


def is_worked_on(by: Scope, load: journal.Entry) -> bool:
    """Return whether somebody has done something in the town since it was loaded."""
    since = journal.Entry.objects.within(by).after(load.pk)
    return since.filter(city_id=load.city_id, actor__isnull=False).exists()


@transaction.atomic
def load_demo(
    *, by: Scope, on_progress: OnProgress, fixtures_dir: Path = FIXTURES, again: bool = False
) -> dict[str, int]:
    """Load the demo town and return how many rows of each kind there are.

    Args:
        by: the operator.
        on_progress: is told how far it is.
        fixtures_dir: the folder with the ``.geojson`` files.
        again: remove the town that stands and load it anew.

    Raises:
        OutOfScope: the caller is not the operator.
        WrongState: the demo stands already, or something real bears its name.
        BadFile: a file is missing or is no GeoJSON.
    """
    if "operator" not in by.roles:
        raise OutOfScope("演示城只能由服务器管理员载入")
    standing = is_loaded()
    if standing and not again:
        raise WrongState("演示城已经载入过了；要重新载入请加 --again")
    steps = tuple(step for step in STEPS if standing or step != "removing")
    subdistricts = [shape for _, shape in drawn(fixtures_dir, "subdistricts")]
    stage = Stage(territory.city(subdistricts), fixtures_dir, timezone.now(), on_progress, steps)
    if standing:
        stage.begin("removing")
        removal.remove(stage.city, stage.tick)
    for part in (
        territory.load_areas,
        territory.load_cells,
        places.load_ways,
        places.load_buildings,
        places.load_party_units,
        people.load_chiefs,
        teams.load_teams,
        catalogue.load_catalogue,
        standards.load_standards,
        incidents.load_incidents,
        intervals.load_intervals,
        patrols.load_visits,
        shifts.load_shifts,
        signs.load_lines,
        signs.load_signs,
        accounts.create,
        deeds.load_deeds,
        drafts.load_drafts,
    ):
        part(stage)
    _settle(stage)
    journal.record(
        by=by,
        verb=VERB,
        subject=stage.city,
        where=(stage.city.pk, None, None),
        change=({}, stage.counts),
    )
    stage.tick(1.0)
    return stage.counts


def _settle(stage: Stage) -> None:
    """Check what is checked late, then count every cell.

    The checks come first: ``gridmap_compact`` holds the live map's lock until the end.
    """
    stage.begin("counting")
    with connection.cursor() as cursor:
        cursor.execute("SELECT gridmap_check_now()")
        stage.tick(0.5)
        cursor.execute("ANALYZE layers_stretchseen, layers_entranceseen, layers_delta")
        cursor.execute("SELECT gridmap_sweep()")
        cursor.execute("SELECT gridmap_compact()")
        cursor.execute("ANALYZE layers_cellstat")
        cursor.execute("SELECT relname FROM pg_class WHERE relname ~ '^tl_' AND relkind = 'r'")
        for (table,) in cursor.fetchall():
            cursor.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(table)))
