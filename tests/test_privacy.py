"""No person files: what tables and answers hold of people is a closed list (docs/privacy.md)."""

import importlib
import pkgutil
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from rest_framework.serializers import BaseSerializer, Serializer

from gridmap import api
from gridmap.layers import history

TEXT = (Path(__file__).resolve().parent.parent / "docs/privacy.md").read_text(encoding="utf-8")
CLASSES = ("public", "scoped", "personal", "sensitive")
# Columns by which a person could be named, reached, described or followed.
PERSONAL = re.compile(
    r"phone|email|birth|sex|gender|id_card|identity|(?<!pla)nation|ethnic|religio|health|disease|drug"
    r"|petition|convict|vaccin|income|salary|face|track|whereabout|device|wechat|openid"
    r"|first_name|last_name|username|reporter"
)
# What a file on residents would need: no table has it, whatever it is called otherwise.
NEVER = re.compile(
    r"birth|sex$|gender|id_card|identity_number|ethnic|religio|health|disease|drug|petition"
    r"|convict|vaccin|income|salary|face_|whereabout|mileage|check_?in|quota|ranking"
)


FRAMES = {"FeatureSerializer", "Form"}  # have no fields of their own


def serializers() -> dict[str, type[Serializer[Any]]]:
    """Every serializer of the API by name."""
    found = {}
    for module in pkgutil.iter_modules(api.__path__, "gridmap.api."):
        for member in vars(importlib.import_module(module.name)).values():
            ours = isinstance(member, type) and member.__module__.startswith("gridmap.api")
            if ours and issubclass(member, BaseSerializer) and member.__name__ not in FRAMES:
                found[member.__name__] = member
    return found


def classified() -> dict[str, dict[str, str]]:
    """Fields by serializer with their class, from the table in the document."""
    found: dict[str, dict[str, str]] = {}
    for name, *cells in re.findall(
        r"^\| `(\w+)` \|([^|]*)\|([^|]*)\|([^|]*)\|([^|]*)\|$", TEXT, re.MULTILINE
    ):
        fields = [
            (field, kind)
            for kind, cell in zip(CLASSES, cells, strict=True)
            for field in re.findall(r"\w+", cell)
        ]
        assert max(Counter(field for field, _ in fields).values(), default=1) == 1, name
        found[name] = dict(fields)
    return found


@pytest.mark.parametrize("name", serializers())
def test_every_field_of_every_answer_and_form_is_classified(name: str) -> None:
    fields = set(serializers()[name]().fields)
    assert fields == set(classified().get(name, {}))


def test_the_table_names_no_serializer_that_is_gone() -> None:
    assert len(serializers()) > 10
    assert set(classified()) == set(serializers())


def test_what_reaches_a_resident_comes_in_and_never_goes_out_in_a_list() -> None:
    sensitive = {name for name, fields in classified().items() if "sensitive" in fields.values()}
    assert {name for name in sensitive if name.endswith("Out")} == set()


def columns() -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.table_name, c.column_name FROM information_schema.columns AS c"
            " INNER JOIN pg_class AS t ON t.relname = c.table_name AND t.relkind = 'r'"
            " WHERE c.table_schema = 'public'"
        )
        return [(str(table), str(column)) for table, column in cursor.fetchall()]


def about_people() -> set[str]:
    """Tables with a column about a person, or with a reference to one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass::text FROM pg_constraint WHERE contype = 'f' AND"
            " confrelid IN ('layers_person'::regclass, 'auth_user'::regclass)"
        )
        pointing = {str(table) for (table,) in cursor.fetchall()}
    kept = {f"{table._meta.db_table}snapshot" for table in history.KEPT}
    of_people = {f"{table}snapshot" for table in pointing}
    return pointing | (kept & of_people) | {t for t, column in columns() if PERSONAL.search(column)}


def test_the_tables_about_people_are_a_closed_list(db: None) -> None:
    listed = set(re.findall(r"^\| `(\w+)` \| [^|]+ \| [^|]+ \|$", TEXT, re.MULTILINE))
    found = about_people() | {"layers_person", "auth_user"}
    assert found == listed


def test_no_table_holds_what_a_file_on_residents_would(db: None) -> None:
    assert len(columns()) > 200
    assert [(table, column) for table, column in columns() if NEVER.search(column)] == []


def test_residents_are_counts_of_a_building_with_date_and_source(db: None) -> None:
    found = {column for table, column in columns() if table == "layers_headcount"}
    assert found == {"id", "building_id", "counted_on", "source", "households", "residents"}
