"""docs/data.md knows every layer, field, reason and option."""

import re
from pathlib import Path

from django.core.management import BaseCommand, load_command_class

from gridmap.actions.territory.report import REASONS
from gridmap.actions.territory.specs import LAYERS
from gridmap.geo.files import CHECKS

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "data.md").read_text(encoding="utf-8")


def test_every_layer_and_its_fields_are_told() -> None:
    for layer in LAYERS.values():
        (row,) = re.findall(rf"^\| `{layer.name}` \|.*$", TEXT, re.MULTILINE)
        told = set(re.findall(r"\w+", row))
        if "as streets" in row:
            told |= {field.name for field in LAYERS["streets"].fields}
        assert {field.name for field in layer.fields} <= told
        assert f"{layer.vertices:,}" in row


def test_every_reason_is_told() -> None:
    assert {reason for reason in REASONS if f"`{reason}`" not in TEXT} == set()


def test_every_format_and_option_is_told() -> None:
    assert {ending for ending in CHECKS if f"`{ending}`" not in TEXT} == set()
    parser = load_command_class("gridmap", "load_layer").create_parser("manage.py", "load_layer")
    own = {name for action in parser._actions for name in action.option_strings}
    inherited = {
        name
        for action in BaseCommand().create_parser("manage.py", "load_layer")._actions
        for name in action.option_strings
    }
    assert {name for name in own - inherited if name not in TEXT} == set()
