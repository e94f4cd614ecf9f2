"""What the map draws is what the tables hold, whoever wrote it."""

import random

import pytest
from django.contrib.gis.geos import MultiPolygon
from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from gridmap.layers.places import Building, Lane, PartyUnit, Street, Stretch
from gridmap.layers.rollup import Change
from gridmap.layers.territory import Cell, CellEdition, City, Community, Ground, Subdistrict
from tests import town as toy

LAYERS = (
    "ground",
    "subdistrict",
    "community",
    "cell",
    "street",
    "lane",
    "stretch",
    "building",
    "partyunit",
)


def ask(sql: str, *parameters: int) -> object:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        row = cursor.fetchone()
        return row[0] if row else None


def out_of_step() -> dict[str, object]:
    """Rows that differ between each display table and what it should hold."""
    found = {}
    for layer in LAYERS:
        differences = ask(
            f"SELECT count(*) FROM ((TABLE tl_{layer} EXCEPT TABLE tl_{layer}_now) UNION ALL "
            f"(TABLE tl_{layer}_now EXCEPT TABLE tl_{layer})) AS d"
        )
        if differences:
            found[layer] = differences
    return found


def edition() -> int:
    return City.objects.get().edition


def test_a_new_town_is_drawn_whole(town: City) -> None:
    Ground.objects.create(city=town, kind="water", geom=toy.box(0, 110, 400, 20))
    assert out_of_step() == {}
    for layer in LAYERS:
        drawn = ask(f"SELECT count(*) FROM tl_{layer} WHERE city_id = %s", town.pk)
        assert isinstance(drawn, int)
        assert drawn > 0, layer


def test_areas_are_wound_as_vector_tiles_want_them(town: City) -> None:
    for layer in ("subdistrict", "community", "cell", "street", "lane", "building"):
        assert ask(f"SELECT bool_and(ST_IsPolygonCW(geom)) FROM tl_{layer}") is True
    Building.objects.update(geom=MultiPolygon(toy.ring(5, 5, 9, 9), srid=4326))
    assert ask("SELECT bool_and(ST_IsPolygonCW(geom)) FROM tl_building") is True


def test_what_is_drawn_follows_changes_of_every_table(town: City) -> None:
    Building.objects.filter(code="B1").update(geom=toy.box(10, 10, 20, 20), name="一号楼")
    Building.objects.filter(code="B2").update(number="22")
    Building.objects.filter(code="B4").delete()
    Street.objects.update(name="解放街", width_m=12)
    Lane.objects.filter(code="L1").update(centreline=toy.way((100, 10), (100, 90)))
    Stretch.objects.filter(code="L2-1").update(side="left")
    PartyUnit.objects.update(place=toy.at(20, 20))
    assert out_of_step() == {}
    assert ask(
        "SELECT label FROM tl_building b JOIN layers_building USING (id) WHERE code = 'B1'"
    ) == ("一号楼")
    assert ask("SELECT width FROM tl_street") == 12
    assert ask("SELECT count(*) FROM tl_building") == 3


@pytest.mark.parametrize("seed", range(3))
def test_what_is_drawn_follows_any_sequence_of_changes(town: City, seed: int) -> None:
    dice = random.Random(seed)
    for number in range(40):
        east, north = dice.uniform(0, 380), dice.uniform(0, 80)
        choice = dice.randrange(4)
        some = Building.objects.order_by("?").values("pk")[: dice.randrange(1, 4)]
        if choice == 0:
            Building.objects.create(
                city=town, code=f"N{number}", geom=toy.box(east, north, 10, 10), kind="slab"
            )
        elif choice == 1:
            Building.objects.filter(pk__in=some).update(geom=toy.box(east, north, 12, 8))
        elif choice == 2:
            Building.objects.filter(pk__in=some).update(name=dice.choice(["", "甲", "乙"]))
        else:
            Building.objects.filter(pk__in=some, entrances=None, terms=None).delete()
    assert out_of_step() == {}


def test_a_cell_is_drawn_as_the_edition_in_force(town: City) -> None:
    now = ask("SELECT now()")
    for number in (1, 2):
        old = CellEdition.objects.get(cell=toy.cell("A", number))
        old.valid = DateTimeTZRange(old.valid.lower, now)
        old.save()
    assert ask("SELECT count(*) FROM tl_cell") == 2
    CellEdition.objects.create(
        cell=old.cell,
        code=old.code,
        name="合并",
        geom=toy.box(0, 0, 200, 100),
        valid=DateTimeTZRange(now, None),
    )
    assert ask("SELECT count(*) FROM tl_cell") == 3
    assert ask("SELECT ST_Area(geom) FROM tl_cell WHERE id = %s", old.cell_id) == pytest.approx(
        2 * float(str(ask("SELECT min(ST_Area(geom)) FROM tl_cell"))), rel=1e-3
    )
    assert out_of_step() == {}


def test_a_community_that_goes_to_another_city_takes_its_cells_along(town: City) -> None:
    other = City.objects.create(
        slug="other",
        code="350400",
        name="邻城",
        metric_srid=4548,
        bounds=toy.box(-100, -100, 600, 300),
    )
    Subdistrict.objects.update(city=other)
    assert out_of_step() == {}
    assert ask("SELECT count(*) FROM tl_cell WHERE city_id = %s", other.pk) == 4


@pytest.mark.django_db(transaction=True)
def test_the_edition_rises_once_a_transaction_and_only_when_the_picture_changes() -> None:
    toy.build()
    first = edition()
    with transaction.atomic():
        for number in range(5):
            Building.objects.filter(code="B1").update(name=f"楼 {number}")
    assert edition() == first + 1
    Building.objects.update(floors=7)  # nothing the map draws
    Community.objects.update(search="…")
    Cell.objects.filter(pk__lt=0).delete()
    assert edition() == first + 1
    PartyUnit.objects.all().delete()
    assert edition() == first + 2
    with transaction.atomic():
        Lane.objects.all().update(name="没了")
        transaction.set_rollback(True)
    assert edition() == first + 2


@pytest.mark.django_db(transaction=True)
def test_an_edition_never_falls_when_an_old_city_is_saved() -> None:
    toy.build()
    old = City.objects.get()
    Building.objects.filter(code="B1").update(name="新名")
    risen = edition()
    old.name = "改名"
    old.save()
    assert edition() == risen > old.edition


@pytest.mark.django_db(transaction=True)
def test_the_live_map_is_told_once_of_a_new_edition() -> None:
    toy.build()
    assert ask("SELECT gridmap_announce()") == 1
    assert ask("SELECT gridmap_announce()") == 0
    Building.objects.filter(code="B1").update(name="新名")
    Building.objects.filter(code="B1").update(name="更新名")
    assert ask("SELECT gridmap_announce()") == 1
    assert Change.objects.filter(kind="edition").count() == 2


def test_redrawing_everything_changes_nothing(town: City) -> None:
    before = ask("SELECT md5(string_agg(b::text, ',' ORDER BY id)) FROM tl_building AS b")
    ask("SELECT gridmap_redraw()")
    assert out_of_step() == {}
    assert ask("SELECT md5(string_agg(b::text, ',' ORDER BY id)) FROM tl_building AS b") == before


def test_emptied_tables_leave_nothing_drawn(town: City) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("TRUNCATE layers_building, layers_partyunit CASCADE")
    assert ask("SELECT count(*) FROM tl_building") == 0
    assert out_of_step() == {}
