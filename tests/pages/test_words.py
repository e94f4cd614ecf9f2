"""Chinese first, English complete: every sentence has its translation, and keeps its fields."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from django.test import Client

from gridmap.layers.territory import City
from tests import town as toy
from tests.pages import msgids
from tests.pages.msgids import BLOCKS, CHINESE, ROOT

FIELD = re.compile(r"%\((\w+)\)(?:s|d|\.1f)")
# Names of languages stand in their own language, whatever the page speaks.
OWN_NAMES = ["'中'", "'中文'", "'中文'"]


def catalogue(domain: str) -> Catalog:
    path = ROOT / f"locale/en/LC_MESSAGES/{domain}.po"
    with path.open("rb") as file:
        return read_po(file, locale="en")


def _forms(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string or ())


def _told(domain: str) -> tuple[set[str], set[str]]:
    """Sentences the sources of a domain say: plain, and by number."""
    if domain == "djangojs":
        return msgids.of_scripts()
    plain, counted = msgids.of_python()
    return plain | msgids.of_templates(), counted


@pytest.mark.parametrize("domain", ["django", "djangojs"])
def test_every_sentence_has_an_english_one(domain: str) -> None:
    plain, counted = _told(domain)
    assert len(plain) > 50, "the search for sentences finds them"
    english = catalogue(domain)
    ids = {m.id for m in english if m.id and isinstance(m.id, str)}
    by_number = {m.id[0] for m in english if m.id and not isinstance(m.id, str)}
    assert plain - ids == set()
    assert counted - by_number == set()


@pytest.mark.parametrize("domain", ["django", "djangojs"])
def test_no_english_sentence_is_left_over(domain: str) -> None:
    plain, counted = _told(domain)
    kept = {m.id if isinstance(m.id, str) else m.id[0] for m in catalogue(domain) if m.id}
    assert kept - plain - counted == set()


@pytest.mark.parametrize("domain", ["django", "djangojs"])
def test_the_english_keeps_the_fields_and_holds_no_chinese(domain: str) -> None:
    for message in catalogue(domain):
        if not message.id:
            continue
        source = message.id if isinstance(message.id, str) else message.id[0]
        for form in _forms(message):
            assert form.strip() or source == "，", source
            assert not CHINESE.search(form), form
            fields = set(FIELD.findall(form))
            assert fields <= set(FIELD.findall(source)), source
            if isinstance(message.id, str):
                assert fields == set(FIELD.findall(source)), source


def test_no_script_speaks_past_the_catalogue() -> None:
    assert sorted(msgids.stray_chinese_in_scripts()) == OWN_NAMES


def test_no_template_speaks_past_the_catalogue() -> None:
    for path in Path(ROOT / "templates").glob("**/*.html"):
        text = BLOCKS.sub("", path.read_text(encoding="utf-8"))
        bare = re.sub(r"{%.*?%}|{#.*?#}", "", text, flags=re.DOTALL)
        assert CHINESE.findall(bare.replace(">中文<", "><")) == [], path.name


def test_an_english_page_is_english_but_for_names(client: Client, town: City) -> None:
    english = {"accept-language": "en"}
    page = client.get("/sign-in", headers=english).content.decode()
    assert CHINESE.findall(page.replace(">中文<", "><")) == []
    client.force_login(toy.posted("wang", "A"))
    page = client.get("/", headers=english).content.decode()
    bare = re.sub(r'<script id="boot".*?</script>', "", page, flags=re.DOTALL)
    assert CHINESE.findall(bare) == []


@pytest.mark.parametrize("domain", ["django", "djangojs"])
def test_the_words_stand_one_by_one_and_none_twice(domain: str) -> None:
    """As every tool for translators reads them: an empty line between entries, no second entry."""
    text = (ROOT / f"locale/en/LC_MESSAGES/{domain}.po").read_text(encoding="utf-8")
    entries = re.split(r"\n{2,}", text.strip())
    ids = [found for entry in entries for found in re.findall(r"^msgid .*", entry, re.MULTILINE)]
    assert len(ids) == len(entries)
    assert len(list(catalogue(domain))) == len(entries)
