"""Taking the demo's rows away again, and nothing else's."""

from __future__ import annotations

from collections.abc import Callable

from django.db import connection
from django.db.backends.utils import CursorWrapper
from psycopg import sql

from gridmap.layers.catalogue import Standard
from gridmap.layers.deliveries import Delivery
from gridmap.layers.fabrics import Fabric
from gridmap.layers.incidents import Category, Incident
from gridmap.layers.notices import Outbox
from gridmap.layers.people import ChiefTerm, Person, Team
from gridmap.layers.places import Building
from gridmap.layers.plans import Plan
from gridmap.layers.publications import Publication
from gridmap.layers.rulings import JointTask
from gridmap.layers.shifts import Segment, Shift
from gridmap.layers.territory import Cell, City, Community, Subdistrict

# Table, the column that tells whose a row is, and whose rows those are: children before parents.
ORDER = (
    ("notice", "city_id", "city"),
    ("attempt", "delivery_id", "delivery"),
    ("delivery", "city_id", "city"),
    ("cellhandover", "publication_id", "publication"),
    ("celllineage", "publication_id", "publication"),
    ("publication", "community_id", "community"),
    ("unitcell", "community_id", "community"),
    ("plan", "community_id", "community"),  # before its operations, which are kept otherwise
    ("planop", "plan_id", "plan"),
    ("plansnapshot", "plan_id", "plan"),
    ("planhead", "plan_id", "plan"),
    ("plancell", "plan_id", "plan"),
    ("reservation", "plan_id", "plan"),
    ("job", "plan_id", "plan"),
    ("comment", "plan_id", "plan"),
    ("unitlineage", "fabric_id", "fabric"),
    ("unitedge", "fabric_id", "fabric"),
    ("unit", "fabric_id", "fabric"),
    ("fabric", "community_id", "community"),
    ("sign", "city_id", "city"),
    ("printing", "city_id", "city"),
    ("communityline", "community_id", "community"),
    ("dutypoint", "city_id", "city"),
    ("load", "city_id", "city"),
    ("emphasis", "city_id", "city"),
    ("intervalrule", "city_id", "city"),
    ("withdrawnvisit", "city_id", "city"),
    ("serviceentry", "shift_id", "shift"),
    ("signup", "shift_id", "shift"),
    ("shiftsegment", "shift_id", "shift"),
    ("shift", "team_id", "team"),
    ("segmentstretch", "segment_id", "segment"),
    ("segment", "team_id", "team"),
    ("visit", "city_id", "city"),
    ("contact", "incident_id", "incident"),
    *(
        (table, "incident_id", "incident")
        for table in (
            "deadline",
            "assignment",
            "application",
            "supervision",
            "casereceipt",
            "contest",
            "photo",
            "letter",
            "twin",
        )
    ),
    ("jointtask_departments", "jointtask_id", "joint task"),
    ("jointtask_communities", "jointtask_id", "joint task"),
    ("jointtask", "incident_id", "incident"),
    ("evaluation", "city_id", "city"),
    ("ruling", "city_id", "city"),
    ("incident", "city_id", "city"),  # takes its steps along
    ("milestone", "standard_id", "standard"),
    ("standard", "category_id", "category"),
    ("authority", "category_id", "category"),
    ("steplimit", "city_id", "city"),
    ("workslot", "city_id", "city"),
    ("calendarday", "city_id", "city"),
    ("citysetting", "city_id", "city"),
    ("beatpack", "city_id", "city"),
    ("checkitem", "city_id", "city"),
    ("category", "city_id", "city"),
    ("posting", "city_id", "city"),
    ("department", "city_id", "city"),
    ("teamarea", "team_id", "team"),
    ("membership", "team_id", "team"),
    ("team", "city_id", "city"),
    ("receipt", "term_id", "term"),
    ("handover", "before_id", "term"),
    ("chiefcheck", "city_id", "city"),
    ("chiefterm", "person_id", "person"),
    ("person", "city_id", "city"),
    ("partyunit", "city_id", "city"),
    ("headcount", "building_id", "building"),
    ("entrance", "building_id", "building"),
    ("stretch", "city_id", "city"),
    ("building", "city_id", "city"),
    ("lane", "city_id", "city"),
    ("street", "city_id", "city"),
    ("ground", "city_id", "city"),
    ("cellstat", "city_id", "city"),
    ("celledition", "cell_id", "cell"),
    ("cell", "community_id", "community"),
    ("placecode", "community_id", "community"),
    ("placecode", "subdistrict_id", "subdistrict"),
    ("community", "subdistrict_id", "subdistrict"),
    ("subdistrict", "city_id", "city"),
    ("delta", "city_id", "city"),
)

KEPT = (
    "celledition",
    "chiefterm",
    "handover",
    "receipt",
    "standard",
    "milestone",
    "authority",
    "steplimit",
    "ruling",
    "evaluation",
)  # tables whose past the database does not let go


def remove(city: City, tick: Callable[[float], None]) -> None:
    """Remove everything of a demo city but its own row.

    The row stays for its number of editions: a tile's address is never used for another picture.
    The accounts stay too, without postings, for the journal names them.
    """
    owners = _owners(city)
    Outbox.objects.of_cities([city.pk]).delete()
    with connection.cursor() as cursor:
        _check_keys(cursor)
        # What was in force is kept by this rule, except where it was invented from the first.
        for table in KEPT:
            cursor.execute(f"ALTER TABLE layers_{table} DISABLE TRIGGER {table}_is_kept")
        for done, (table, column, owner) in enumerate(ORDER):
            tick(done / len(ORDER))
            cursor.execute(
                sql.SQL("DELETE FROM {} WHERE {} = ANY (%s)").format(
                    sql.Identifier(f"layers_{table}"), sql.Identifier(column)
                ),
                [owners[owner]],
            )
        _check_keys(cursor)
        for table in KEPT:
            cursor.execute(f"ALTER TABLE layers_{table} ENABLE TRIGGER {table}_is_kept")


def _check_keys(cursor: CursorWrapper) -> None:
    """Check now what waits for the commit: a table with checks to come cannot be altered."""
    cursor.execute("SELECT gridmap_check_now()")


def _owners(city: City) -> dict[str, list[int]]:
    """Return the ids of the rows whose children go, read before the first of them is gone."""
    of_city = {
        "city": City.objects.filter(pk=city.pk),
        "subdistrict": Subdistrict.objects.filter(city=city),
        "community": Community.objects.filter(subdistrict__city=city),
        "cell": Cell.objects.filter(community__subdistrict__city=city),
        "building": Building.objects.filter(city=city),
        "team": Team.objects.filter(city=city),
        "segment": Segment.objects.filter(team__city=city),
        "shift": Shift.objects.filter(team__city=city),
        "incident": Incident.objects.filter(city=city),
        "category": Category.objects.filter(city=city),
        "standard": Standard.objects.filter(category__city=city),
        "joint task": JointTask.objects.filter(incident__city=city),
        "person": Person.objects.filter(city=city),
        "fabric": Fabric.objects.filter(community__subdistrict__city=city),
        "plan": Plan.objects.filter(community__subdistrict__city=city),
        "publication": Publication.objects.filter(community__subdistrict__city=city),
        "delivery": Delivery.objects.filter(city=city),
        "term": ChiefTerm.objects.filter(person__city=city),
    }
    return {owner: list(rows.values_list("pk", flat=True)) for owner, rows in of_city.items()}
