"""The documents say what the code does: each list here is read from both sides."""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.urls import URLPattern, URLResolver, get_resolver

from gridmap import errors

ROOT = Path(__file__).resolve().parent.parent
READ = r'(?:env\(\s*"|environ(?:\.get\(|\[)\s*"GRIDMAP_)([A-Z_]+)"'


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def settings_read() -> set[str]:
    python = "\n".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "gridmap").rglob("*.py")
    )
    return {f"GRIDMAP_{name}" for name in re.findall(READ, python)}


def test_every_setting_has_a_row() -> None:
    rows = set(re.findall(r"^\| `(GRIDMAP_[A-Z_]+)`", text("docs/settings.md"), re.MULTILINE))
    assert len(settings_read()) > 10
    assert settings_read() - rows == set()


def test_every_row_is_of_a_setting_that_something_reads() -> None:
    rows = set(re.findall(r"^\| `(GRIDMAP_[A-Z_]+)`", text("docs/settings.md"), re.MULTILINE))
    scripts = "\n".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "script").iterdir() if path.is_file()
    )
    assert rows - settings_read() - set(re.findall(r"GRIDMAP_[A-Z_]+", scripts)) == set()


MODELS = list(apps.get_app_config("layers").get_models())
PAGES = [*sorted(ROOT.glob("docs/**/*.md")), *sorted(ROOT.glob("*.md"))]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_table_has_its_word(model: type) -> None:
    assert f"`{model.__name__}" in text("docs/glossary.md")


def routes(node: URLResolver, prefix: str = "") -> list[str]:
    found: list[str] = []
    for below in node.url_patterns:
        address = prefix + str(below.pattern)
        if isinstance(below, URLPattern):
            found.append("/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", address))
        else:
            found += routes(below, address)
    return found


def test_every_address_of_the_api_is_described() -> None:
    described = text("docs/api.md")
    ours = [route for route in routes(get_resolver()) if route.startswith("/api/")]
    assert len(ours) > 15
    assert [route for route in ours if f"`{route}`" not in described] == []


def refusals(kind: type[errors.Refusal] = errors.Refusal) -> list[str]:
    below = kind.__subclasses__()
    return [refusal.__name__ for refusal in below] + [
        name for refusal in below for name in refusals(refusal)
    ]


def test_every_refusal_is_described() -> None:
    described = text("docs/api.md")
    assert [name for name in refusals() if f"`{name}`" not in described] == []


LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")


@pytest.mark.parametrize("document", PAGES, ids=lambda document: document.name)
def test_no_link_leads_nowhere(document: Path) -> None:
    for target in LINK.findall(document.read_text(encoding="utf-8")):
        assert (document.parent / target).exists(), target


def test_no_document_names_a_place_of_one_machine() -> None:
    for document in PAGES:
        assert not re.search(
            r"(?<![.\w])/(work|root|tmp)/", document.read_text(encoding="utf-8")
        ), document
