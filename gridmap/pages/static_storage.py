"""Where collected files lie: small, packed, named by what is in them."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage

OWN = "gridmap/"
PAGES = f"{OWN}pages/"
PIECES = f"{OWN}pieces/"  # what several pages have in common, and what a page asks for later
LOADED = (OWN, "vendor/")  # what people's browsers load; the rest is for administrators and makers
# Libraries that stay files of their own, named by the import map of their pages.
LIBRARIES = ("--external:maplibre-gl", "--external:echarts")
SMALL = ("--minify", "--charset=utf8", "--legal-comments=none", "--log-level=warning")


def shrink(source: Path, folder: Path, names: list[str]) -> None:
    """Write modules and sheets of ``source`` into ``folder`` without what only people read."""
    _esbuild(source, folder, names)


def gather(source: Path, folder: Path, names: list[str]) -> list[str]:
    """Write the scripts of pages into ``folder``, each with the modules it imports.

    What several pages import, and what a page imports later, are pieces of their own.

    Returns:
        The names of the pieces.
    """
    shutil.rmtree(folder / PIECES, ignore_errors=True)
    options = ["--bundle", "--splitting", "--format=esm", *LIBRARIES]
    _esbuild(source, folder, names, *options, f"--chunk-names={PIECES}[name]-[hash]")
    return sorted(str(path.relative_to(folder)) for path in (folder / PIECES).glob("*.js"))


def _esbuild(source: Path, folder: Path, names: list[str], *options: str) -> None:
    """Run esbuild.

    Raises:
        ImproperlyConfigured: it is not installed.
        CalledProcessError: a file is no JavaScript or CSS; esbuild has said where.
    """
    if not names:
        return
    found = sorted((settings.ROOT / "node_modules" / "@esbuild").glob("*/bin/esbuild"))
    if not found:
        why = "esbuild is not installed: script/server --setup-only installs what is missing"
        raise ImproperlyConfigured(why)
    places = [f"--outdir={folder}", f"--outbase={source}"]
    files = [str(source / name) for name in names]
    subprocess.run([str(found[0]), *SMALL, *options, *places, *files], check=True)  # noqa: S603 -- ours


class Packer(Compressor):  # type: ignore[misc]
    """Packs with Brotli too where it is worth its time: what people's browsers load."""

    def __init__(self, folder: Path, **options: Any) -> None:
        super().__init__(**options)
        self._loaded = tuple(f"{folder}/{name}" for name in LOADED)
        self._plain = Compressor(**{**options, "use_brotli": False})

    def compress(self, path: str) -> list[str]:
        """Write the packed files beside this one, and return where."""
        if path.startswith(self._loaded):
            return list(super().compress(path))
        return list(self._plain.compress(path))


class Storage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Modules name one another by their hashed names too, so that browsers keep them for ever."""

    support_js_module_import_aggregation = True

    def post_process(  # as Django calls it
        self,
        paths: Mapping[str, Any],
        dry_run: bool = False,  # noqa: FBT001, FBT002
        **options: Any,
    ) -> Iterator[tuple[str, str, bool | Exception]]:
        """Shrink and gather what is ours, then name and pack all as Django and WhiteNoise do.

        Django reads the files where they were collected from, where a comment that speaks of an
        import is still taken for one; here it reads what was written.
        """
        if dry_run:
            return
        own = [name for name in paths if name.startswith(OWN) and name.endswith((".js", ".css"))]
        pages = [name for name in own if name.startswith(PAGES)]
        here = {name: (self, name) for name in paths}
        if own:
            storage, path = paths[own[0]]
            source, folder = Path(storage.path(path).removesuffix(own[0])), Path(self.location)
            shrink(source, folder, own)
            here |= {name: (self, name) for name in gather(source, folder, pages)}
        yield from super().post_process(here, **options)

    def create_compressor(self, **options: Any) -> Compressor:
        """Return what packs the files."""
        return Packer(Path(self.location), **options)
