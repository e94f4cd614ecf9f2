"""A page's script brings the words it says, in the language of its address, and no others."""

import json
import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.test import Client

from gridmap.pages import modules

PAGES = Path(modules.__file__).parent.parent / "static/gridmap/pages"
HOUSE = PAGES.parents[3]
TEMPLATES = HOUSE / "templates"


def spoken(client: Client, page: str, language: str = "en") -> dict[str, object]:
    text = client.get(f"/i18n/{page}/{language}.js").content.decode()
    found = re.search(r"newcatalog = (\{.*?\});\n", text, re.DOTALL)
    words: dict[str, object] = json.loads(found[1]) if found else {}
    return words


def everything() -> set[str]:
    with (HOUSE / "locale/en/LC_MESSAGES/djangojs.po").open("rb") as file:
        whole = read_po(file)
    ids = (one.id for one in whole if one.id)
    return {one if isinstance(one, str) else one[0] for one in ids}


def test_the_words_are_those_of_the_language_in_the_address(client: Client) -> None:
    assert spoken(client, "map")["覆盖"] == "Coverage"
    assert spoken(client, "map", "zh-hans").get("覆盖") in (None, "覆盖")
    assert client.get("/i18n/map/xx.js").status_code == 404
    assert client.get("/i18n/nowhere/en.js").status_code == 404


def test_the_map_does_not_carry_the_words_of_the_planner(client: Client) -> None:
    planner, reader = spoken(client, "plan"), spoken(client, "map")
    assert "撤销" in planner
    assert planner.keys() - reader.keys()
    assert len(reader) < len(everything()) * 0.7


def test_between_them_the_pages_say_everything_that_was_translated(client: Client) -> None:
    said = set[str]().union(*(spoken(client, page.stem) for page in PAGES.glob("*.js")))
    assert said == everything()


@pytest.mark.parametrize("template", sorted(TEMPLATES.rglob("*.html")), ids=lambda one: one.name)
def test_a_page_brings_the_words_of_the_script_it_runs(client: Client, template: Path) -> None:
    text = template.read_text("utf-8")
    brought = re.findall(r"url 'words' page='([\w-]+)'", text)
    run = re.findall(r"static 'gridmap/pages/([\w-]+)\.js'", text)
    assert brought == [name for name in run if spoken(client, name)]
