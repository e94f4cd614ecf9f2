"""Every sentence of the product that somebody may read: collected from the sources themselves."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CHINESE = re.compile(r"[\u4e00-\u9fff]")
STRING = r"'((?:[^'\\]|\\.)*)'"
IN_TEMPLATES = re.compile(r"""{%\s*translate\s+(?:"([^"]+)"|'([^']+)')""")
BLOCKS = re.compile(r"{%\s*blocktranslate[^%]*%}(.*?){%\s*endblocktranslate\s*%}", re.DOTALL)
IN_SCRIPTS = re.compile(rf"\bt\(\s*{STRING}")
COUNTED_IN_SCRIPTS = re.compile(rf"\btn\(\s*{STRING}")
TRANSLATORS = {"_", "gettext", "gettext_lazy", "gettext_noop", "translate"}
PARTS_OF_OPERATORS = (
    "commands/load_demo",
    "commands/tend",
    "layers/migrations",
    "geo/pinyin",
    "actions/demo",
)


def of_templates() -> set[str]:
    """Sentences of the templates; those of a block in one line, with ``%(name)s`` fields."""
    found: set[str] = set()
    for path in ROOT.glob("templates/**/*.html"):
        text = path.read_text(encoding="utf-8")
        found.update(double or single for double, single in IN_TEMPLATES.findall(text))
        for block in BLOCKS.findall(text):
            line = "".join(part.strip() for part in block.splitlines())
            found.add(re.sub(r"{{\s*(\w+)\s*}}", r"%(\1)s", line))
    return found


def _scripts() -> Iterator[str]:
    for path in ROOT.glob("gridmap/static/gridmap/**/*.js"):
        yield path.read_text(encoding="utf-8")


def of_scripts() -> tuple[set[str], set[str]]:
    """Sentences of the browser's modules: plain ones, and those that depend on a number."""
    plain: set[str] = set()
    counted: set[str] = set()
    for text in _scripts():
        plain.update(IN_SCRIPTS.findall(text))
        counted.update(COUNTED_IN_SCRIPTS.findall(text))
    return plain, counted


def stray_chinese_in_scripts() -> list[str]:
    """Chinese strings of the browser's modules that go past the catalogue."""
    found = []
    for text in _scripts():
        bare = re.sub(r"/\*.*?\*/|//[^\n]*", "", text, flags=re.DOTALL)
        bare = COUNTED_IN_SCRIPTS.sub("", IN_SCRIPTS.sub("", bare))
        found += [
            s for s in re.findall(r"'[^'\n]*'|`[^`]*`|\"[^\"\n]*\"", bare) if CHINESE.search(s)
        ]
    return found


def _refusals() -> set[str]:
    tree = ast.parse((ROOT / "gridmap/errors.py").read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.ClassDef)}


def _called(node: ast.Call) -> str:
    if isinstance(node.func, ast.Name):
        return node.func.id
    return node.func.attr if isinstance(node.func, ast.Attribute) else ""


def _text(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _of_call(node: ast.Call, speakers: set[str]) -> Iterator[tuple[str, bool]]:
    if not node.args:
        return
    text = _text(node.args[0])
    if text is None or not CHINESE.search(text):
        return
    if _called(node) in speakers:
        yield text, False
    elif _called(node) == "ngettext":
        yield text, True


def _of_choices(node: ast.ClassDef) -> Iterator[tuple[str, bool]]:
    bases = {base.attr for base in node.bases if isinstance(base, ast.Attribute)}
    if not bases & {"TextChoices", "IntegerChoices"}:
        return
    for part in node.body:
        if isinstance(part, ast.Assign) and isinstance(part.value, ast.Tuple):
            label = _text(part.value.elts[-1])
            if label and CHINESE.search(label):
                yield label, False


def of_python() -> tuple[set[str], set[str]]:
    """Sentences of the server: plain ones, and those that depend on a number."""
    tickets = {"NoTicket", "BadTicket", "TicketExpired", "TicketRevoked"}
    speakers = TRANSLATORS | _refusals() | tickets
    plain: set[str] = set()
    counted: set[str] = set()
    for path in ROOT.glob("gridmap/**/*.py"):
        if any(part in path.as_posix() for part in PARTS_OF_OPERATORS):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                found = _of_call(node, speakers)
            elif isinstance(node, ast.ClassDef):
                found = _of_choices(node)
            else:
                continue
            for text, by_number in found:
                (counted if by_number else plain).add(text)
    return plain, counted
