"""Rows of published tables as they were: every version, whoever wrote it.

django-pghistory's triggers copy each row that is added, changed or removed, also through psql or
QGIS; they work once a statement, for loads bring hundreds of thousands of rows (docs/decisions).
The number of the transaction joins a version to the journal entry of the deed that made it. Where
there is none, the database writes the entry itself at commit: `DIRECT`, without an actor
(layers/sql/0019). People's names and numbers are in none of these tables.
"""

from __future__ import annotations

from typing import Any

import pghistory
from django.contrib.gis.db import models
from django.db.models import Index
from pghistory.models import Event

from gridmap.layers.incidents import Category
from gridmap.layers.journal import TRANSACTION
from gridmap.layers.people import ChiefTerm, Department, Membership, Team, TeamArea
from gridmap.layers.places import Building, Lane, PartyUnit, Street
from gridmap.layers.postings import Posting
from gridmap.layers.shapes import SRID
from gridmap.layers.territory import CellEdition, Community, PlaceCode, Subdistrict

DIRECT = "direct_edit"  # verb of an entry that the database wrote itself
KEPT: tuple[type[models.Model], ...] = (
    Subdistrict,
    Community,
    PlaceCode,
    CellEdition,
    Street,
    Lane,
    Building,
    PartyUnit,
    Department,
    Category,
    Posting,
    ChiefTerm,
    Team,
    Membership,
    TeamArea,
)
# Letters to search by say nothing new. What the database finds itself is kept as it was, but makes
# no version: a new edition moves thousands of houses and changes none.
LEFT_OUT = frozenset({"search"})
FOUND: dict[type[models.Model], set[str]] = {Building: {"cell"}, PartyUnit: {"cell"}}


class Snapshot(Event):
    """One version of a row: as written by an insert or update, or as it was before a delete."""

    pgh_id = models.BigAutoField(primary_key=True)
    tx = models.BigIntegerField(db_default=TRANSACTION, editable=False)

    class Meta:
        abstract = True


def _plain_shapes(table: type[models.Model]) -> dict[str, models.Field[Any, Any]]:
    """The geometry columns again, without an index: nobody asks the past by place."""
    return {
        field.name: type(field)(srid=SRID, spatial_index=False)
        for field in table._meta.local_fields
        if isinstance(field, models.GeometryField)
    }


def _keep(table: type[models.Model]) -> None:
    names = [field.name for field in table._meta.local_fields if field.name not in LEFT_OUT]
    watched = [name for name in names if name not in FOUND.get(table, set())]
    pghistory.track(
        pghistory.InsertEvent(),
        pghistory.UpdateEvent(condition=pghistory.AnyChange(*watched)),
        pghistory.DeleteEvent(),
        fields=names,
        # No context row: it would need a setting in every connection, also of the pool. See `tx`.
        context_field=None,  # type: ignore[arg-type]  # allowed, says its documentation
        obj_field=pghistory.ObjForeignKey(db_index=False, related_name="versions"),
        model_name=f"{table.__name__}Snapshot",
        base_model=Snapshot,
        attrs=_plain_shapes(table),
        meta={
            "indexes": [
                Index(fields=["pgh_obj", "pgh_id"], name=f"{table._meta.model_name}_versions")
            ]
        },
        level=pghistory.Statement,
    )(table)


for _table in KEPT:
    _keep(_table)
