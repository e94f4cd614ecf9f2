"""Which modules a page's script is made of, so that browsers may ask for all of them at once.

Without that they learn of each only from the one that imports it: on a slow line every step of that
ladder costs a way there and back.
"""

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path, PurePosixPath

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage

from gridmap.pages.static_storage import Storage

SOURCE = re.compile(
    r"^(?:import|export)\b[^;]*?from\s+'(\.{1,2}/[^']+)';|\bawait import\('(\.{1,2}/[^']+)'\)",
    re.MULTILINE,
)
GATHERED = re.compile(r"""\bfrom\s*"(\.{1,2}/[^"]+)"|\bimport\s*\(?\s*"(\.{1,2}/[^"]+)\"""")


@cache
def modules(start: str) -> list[str]:
    """Return the names of our modules that a script is made of, without itself.

    Of a site's collected files these are the pieces that esbuild made, in development the sources.

    Args:
        start: its name among the static files.
    """
    if isinstance(staticfiles_storage, Storage):
        return _reached(start, GATHERED, staticfiles_storage.path)
    return sources(start)


@cache
def sources(start: str) -> list[str]:
    """Return the names of the sources that a script is made of, without itself.

    Args:
        start: its name among the static files.
    """
    return _reached(start, SOURCE, _source)


def source(name: str) -> str:
    """Return the text of a script as it was written; nothing where there is none."""
    path = _source(name)
    return Path(path).read_text("utf-8") if path else ""


def _source(name: str) -> str | None:
    found = finders.find(name)
    return found if isinstance(found, str) else None


def _reached(
    start: str, imports: re.Pattern[str], placed: Callable[[str], str | None]
) -> list[str]:
    found: dict[str, None] = {}
    waiting = [start]
    while waiting:
        name = waiting.pop()
        path = placed(name)
        text = Path(path).read_text("utf-8") if path else ""
        for given, later in imports.findall(text):
            known = _resolved(PurePosixPath(name).parent / (given or later))
            if known not in found and known != start:
                found[known] = None
                waiting.append(known)
    return sorted(found)


def _resolved(path: PurePosixPath) -> str:
    parts: list[str] = []
    for part in path.parts:
        if part == "..":
            parts.pop()
        else:
            parts.append(part)
    return "/".join(parts)
