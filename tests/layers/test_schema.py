"""The schema lint: what every table and every geometry column must have."""

import pytest
from django.db import connection

# Display tables hold copies for drawing, made by trigger from checked rows (layers/sql/0005).
DISPLAY = "tl_"
# Versions hold copies of checked rows too, and nobody asks the past by place (layers/history.py).
VERSIONS = "snapshot"
POLYGONS = ("POLYGON", "MULTIPOLYGON")


def rows(sql: str, *parameters: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters or None)
        return list(cursor.fetchall())


def geometry_columns() -> list[tuple[str, str, int, str, int]]:
    return [
        (str(table), str(column), int(str(srid)), str(kind), int(str(dimensions)))
        for table, column, srid, kind, dimensions in rows(
            "SELECT f_table_name, f_geometry_column, srid, type, coord_dimension "
            "FROM geometry_columns WHERE f_table_schema = 'public' AND f_table_name IN "
            "(SELECT relname FROM pg_class WHERE relkind = 'r')"  # not the views over them
        )
        if not str(table).endswith(VERSIONS)
    ]


def checks(table: str) -> str:
    found = rows(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE conrelid = %s::regclass AND contype = 'c'",
        table,
    )
    return "\n".join(str(text) for (text,) in found)


def test_every_geometry_is_flat_and_in_the_system_we_store_or_show(db: None) -> None:
    columns = geometry_columns()
    assert len(columns) == len(set(columns)) >= 15
    for table, column, srid, kind, dimensions in columns:
        assert srid == (3857 if table.startswith(DISPLAY) else 4326), (table, column)
        assert kind != "GEOMETRY" or table.startswith(DISPLAY), (table, column)
        assert dimensions == 2, (table, column)


def test_every_geometry_has_its_spatial_index(db: None) -> None:
    indexed = {
        (table, column)
        for table, column in rows(
            "SELECT t.relname, a.attname FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid "
            "JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_am m ON m.oid = x.relam "
            "JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = i.indkey[0] "
            "WHERE m.amname = 'gist'"
        )
    }
    assert {(table, column) for table, column, *_ in geometry_columns()} - indexed == set()


def test_every_stored_geometry_is_checked_for_validity_world_and_area(db: None) -> None:
    for table, column, _, kind, _ in geometry_columns():
        if table.startswith(DISPLAY):
            continue
        text = checks(table)
        assert f"st_isvalid({column})" in text, (table, column)
        assert f"({column} @ " in text, (table, column)
        if kind in POLYGONS:
            assert f"st_area({column})" in text, (table, column)


def test_every_foreign_key_is_indexed(db: None) -> None:
    bare = rows(
        "SELECT c.conrelid::regclass::text, a.attname FROM pg_constraint c "
        "JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1] "
        "WHERE c.contype = 'f' AND NOT EXISTS (SELECT FROM pg_index i "
        "WHERE i.indrelid = c.conrelid AND i.indkey[0] = c.conkey[1] AND i.indpred IS NULL)"
    )
    assert bare == []


def test_every_instant_knows_its_zone(db: None) -> None:
    naive = rows(
        "SELECT table_name, column_name FROM information_schema.columns "
        "WHERE table_schema = 'public' AND data_type = 'timestamp without time zone'"
    )
    assert naive == []


@pytest.mark.parametrize("extension", ["postgis", "btree_gist", "pg_trgm"])
def test_the_extensions_are_there(db: None, extension: str) -> None:
    assert rows("SELECT 1 FROM pg_extension WHERE extname = %s", extension)
