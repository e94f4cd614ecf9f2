"""Where collected files lie: small, packed, named by what is in them."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage

OWN = "gridmap/"
LOADED = (OWN, "vendor/")  # what people's browsers load; the rest is for administrators and makers


def shrink(folder: Path, names: list[str]) -> None:
    """Rewrite our modules and sheets below ``folder`` without what only people read.

    Each stays a file of its own and keeps what it imports and exports: nothing is bundled.

    Raises:
        ImproperlyConfigured: esbuild is not installed.
        CalledProcessError: a file is no JavaScript or CSS; esbuild has said where.
    """
    if not names:
        return
    found = sorted((settings.ROOT / "node_modules" / "@esbuild").glob("*/bin/esbuild"))
    if not found:
        why = "esbuild is not installed: script/server --setup-only installs what is missing"
        raise ImproperlyConfigured(why)
    options = ["--minify", "--charset=utf8", "--legal-comments=none", "--log-level=warning"]
    places = [f"--outdir={folder}", f"--outbase={folder}", "--allow-overwrite"]
    files = [str(folder / name) for name in names]
    subprocess.run([str(found[0]), *options, *places, *files], check=True)  # noqa: S603 -- ours


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
        """Shrink what was collected, then name and pack it as Django and WhiteNoise do.

        Django reads the files where they were collected from, where a comment that speaks of an
        import is still taken for one; here it reads what was shrunk.
        """
        if dry_run:
            return
        own = [name for name in paths if name.startswith(OWN) and name.endswith((".js", ".css"))]
        shrink(Path(self.location), own)
        here = {name: (self, name) for name in paths}
        yield from super().post_process(here, **options)

    def create_compressor(self, **options: Any) -> Compressor:
        """Return what packs the files."""
        return Packer(Path(self.location), **options)
