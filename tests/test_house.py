"""The house rules that no linter knows; the reasons stand in docs/decisions/0001-floors.md."""

import ast
import importlib
import inspect
import json
import pkgutil
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import get_type_hints

import pytest

import gridmap
from gridmap import actions, errors
from gridmap.api.errors import STATUS
from gridmap.feeds import errors as feeds
from gridmap.layers.scope import Scope

PACKAGE = Path(gridmap.__file__).parent
ROOT = PACKAGE.parent
DOORS = ("api", "feeds", "pages", "management")
WRITES = {"save", "create", "bulk_create", "bulk_update", "get_or_create", "update_or_create"}
WRITES |= {"delete", "update"} | {f"a{verb}" for verb in (*WRITES, "delete", "update")}


def modules(*floors: str) -> list[Path]:
    return [path for floor in floors for path in sorted((PACKAGE / floor).rglob("*.py"))]


def sources(*suffixes: str) -> list[Path]:
    """Every file of ours: not what was installed, not what was generated."""
    places = ("gridmap", "templates", "tests", "fixtures", "bench")
    found = (path for place in places for path in (ROOT / place).rglob("*"))
    return [path for path in found if path.suffix in suffixes and "vendor" not in path.parts]


def tree(path: Path) -> Iterator[ast.AST]:
    return ast.walk(ast.parse(path.read_text(encoding="utf-8")))


def deeds() -> Iterator[Callable[..., object]]:
    """What the floor shows; of a package what its ``__init__`` does, for the rest are its parts.

    A question (``is_…``) is no deed.
    """
    for found in pkgutil.iter_modules(actions.__path__, "gridmap.actions."):
        module = importlib.import_module(found.name)
        for name, member in inspect.getmembers(module, inspect.isfunction):
            made_here = inspect.unwrap(member).__module__ == found.name
            if made_here and not name.startswith(("_", "is_")):
                yield member


DEEDS = list(deeds())


def name_of(thing: object) -> str:
    if isinstance(thing, Path):
        return str(thing.relative_to(ROOT))
    return getattr(thing, "__qualname__", str(thing))


@pytest.mark.parametrize("deed", DEEDS, ids=name_of)
def test_a_deed_names_its_caller_first_and_takes_keywords_only(deed: Callable[..., object]) -> None:
    parameters = list(inspect.signature(deed).parameters.values())
    assert all(parameter.kind is parameter.KEYWORD_ONLY for parameter in parameters)
    assert parameters[0].name == "by"
    assert get_type_hints(deed)["by"] is Scope


@pytest.mark.parametrize("deed", DEEDS, ids=name_of)
def test_a_deed_is_one_transaction_and_ends_in_the_journal(deed: Callable[..., object]) -> None:
    assert "Atomic" in repr(inspect.getclosurevars(deed).nonlocals), (
        "@transaction.atomic is missing"
    )
    assert "record(" in inspect.getsource(inspect.unwrap(deed)), "nothing is written to the journal"


def writes(call: ast.Call) -> bool:
    """Whether a call looks like one of Django's writes, as ``rows.filter().update()`` does."""
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in WRITES:
        return False
    # ``update`` of a plain name is a dictionary's, a set's or a digest's.
    return call.func.attr != "update" or isinstance(call.func.value, ast.Call)


@pytest.mark.parametrize("path", modules(*DOORS), ids=name_of)
def test_a_door_reads_through_a_scope_and_never_writes(path: Path) -> None:
    for node in tree(path):
        if isinstance(node, ast.Call):
            assert not writes(node), f"line {node.lineno}: a door never writes, it calls an action"
        inner = node.value if isinstance(node, ast.Attribute) else None
        if isinstance(node, ast.Attribute) and isinstance(inner, ast.Attribute):
            assert inner.attr != "objects" or node.attr == "within", (
                f"line {node.lineno}: a door reads by .objects.within(scope)"
            )


@pytest.mark.parametrize("path", modules("actions", "layers", "geo"), ids=name_of)
def test_below_the_doors_nobody_knows_a_request(path: Path) -> None:
    for node in tree(path):
        if isinstance(node, ast.arg) and node.annotation:
            assert not ast.unparse(node.annotation).endswith("Request"), f"line {node.lineno}"
        if isinstance(node, ast.ImportFrom):
            assert not (node.module or "").startswith(("django.http", "django.shortcuts"))


def refusals(kind: type[errors.Refusal] = errors.Refusal) -> Iterator[type[errors.Refusal]]:
    for below in kind.__subclasses__():
        yield below
        yield from refusals(below)


def test_every_refusal_has_a_status() -> None:
    """Those of ``errors`` in the API, which may meet any; a door's own in that door."""
    assert {kind for kind in refusals() if kind.__module__ == errors.__name__} <= set(STATUS)
    assert set(refusals()) == set(STATUS) | set(feeds.STATUS)


def test_every_sql_file_is_run_by_the_migration_of_its_name() -> None:
    migrations = {
        path.stem: path.read_text() for path in (PACKAGE / "layers/migrations").glob("0*")
    }
    files = {path.stem for path in (PACKAGE / "layers/sql").glob("*.sql")}
    read = {name for text in migrations.values() for name in re.findall(r'read\("(\w+)"\)', text)}
    assert files == read
    for name in files:
        assert f'read("{name}")' in migrations.get(name, ""), f"{name}.sql is read elsewhere"


@pytest.mark.parametrize("suffix", [".py", ".js", ".css", ".sql", ".html"])
def test_no_file_is_longer_than_400_lines(suffix: str) -> None:
    lengths = {
        name_of(path): len(path.read_text(encoding="utf-8").splitlines())
        for path in sources(suffix)
        if "migrations" not in path.parts
    }
    assert {name: length for name, length in lengths.items() if length > 400} == {}


def test_no_file_is_named_for_holding_this_and_that() -> None:
    vague = {"utils", "util", "helpers", "helper", "common", "misc", "core", "base"}
    found = [path for path in sources(".py", ".js", ".css") if path.stem in vague]
    assert found == []


@pytest.mark.parametrize("path", sources(".html", ".css"), ids=name_of)
def test_a_page_loads_nothing_from_another_machine(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"""(src|srcset|action|@import|url\()\s*=?\s*["']?(https?:)?//""", text)
    assert not re.search(r"""<link[^>]+href=["'](https?:)?//""", text)


BROWSER = PACKAGE / "static" / "gridmap"
STAIRS = [
    "draw",
    "panels",
    "beat",
    "pages",
]  # each may import what stands before it, and the modules beside


def stair(path: Path) -> int:
    folder = path.relative_to(BROWSER).parts[0]
    return STAIRS.index(folder) if folder in STAIRS else -1


@pytest.mark.parametrize("path", sorted(BROWSER.rglob("*.js")), ids=name_of)
def test_a_browser_module_imports_only_from_below(path: Path) -> None:
    for imported in re.findall(r"""from '([^']+)'""", path.read_text(encoding="utf-8")):
        if imported.startswith("."):
            assert stair((path.parent / imported).resolve()) <= stair(path), imported
        else:
            assert imported in {"maplibre-gl", "echarts", "geojson"}, imported


@pytest.mark.parametrize("path", sorted(ROOT.glob("requirements*.txt")), ids=name_of)
def test_every_requirement_is_pinned(path: Path) -> None:
    for line in path.read_text(encoding="utf-8").splitlines():
        assert re.match(r"#|-r requirements|[\w.-]+(\[[\w,]+\])?==[\w.]+$", line), line


def test_browser_libraries_are_pinned_and_the_lock_names_no_registry() -> None:
    package = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
    for version in (package["dependencies"] | package["devDependencies"]).values():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version)
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
    for name, entry in lock["packages"].items():
        assert "resolved" not in entry, name
        assert name == "" or "integrity" in entry, name
