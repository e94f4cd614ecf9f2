"""Settings of a city: each is read by what it names."""

import re
from datetime import UTC, datetime

import pytest

from gridmap.layers.city_settings import CitySetting, numbers
from gridmap.layers.territory import City
from tests.pages.msgids import ROOT
from tests.town import ALWAYS

READ = re.compile(r"CitySetting\.Name\.(\w+)")


def test_every_setting_is_read_by_something() -> None:
    found = {
        name
        for path in (ROOT / "gridmap").rglob("*.py")
        if path.name != "city_settings.py" and "migrations" not in path.parts
        for name in READ.findall(path.read_text(encoding="utf-8"))
    }
    assert set(CitySetting.Name.names) == found


@pytest.mark.parametrize("name", CitySetting.Name.values)
def test_a_citys_own_value_wins_while_it_is_in_force(town: City, name: str) -> None:
    before = numbers(name, town.pk)
    value = "7-9" if name == CitySetting.Name.CELL_HOUSEHOLDS else "7"
    CitySetting.objects.create(city=town, name=name, value=value, valid=ALWAYS)
    assert numbers(name, town.pk) == tuple(int(part) for part in value.split("-")) != before
    assert numbers(name, town.pk, datetime(2000, 1, 1, tzinfo=UTC)) == before
