"""A stranger's file: taken in, looked at, and read in the sandbox."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from gridmap.errors import BadFile
from gridmap.geo import files, sandbox
from gridmap.geo.rows import Rows

LARGEST = 50 << 20
DIVISIONS = (".csv", ".xlsx", ".geojson", ".gpkg", ".zip", ".kml")


def read_upload(
    name: str,
    size: int,
    chunks: Iterable[bytes],
    *,
    accepted: Sequence[str] = DIVISIONS,
    layer: str | None = None,
) -> Rows:
    """Return the rows of an uploaded file.

    Args:
        name: as its sender called it; only its ending counts. Empty: nothing was sent.
        size: bytes.
        chunks: its content.
        accepted: endings of the files that are wanted.
        layer: which layer of it, if there are several.

    Raises:
        BadFile, UntrustedFile: it is none, or cannot be read safely.
    """
    if not name:
        raise BadFile("请附上文件（字段 file）")
    suffix = Path(name).suffix.lower()
    if suffix not in accepted or size > LARGEST:
        raise BadFile(
            "不能导入这个文件；可用 %(known)s，最大 %(most)s 兆",
            known=" ".join(accepted),
            most=LARGEST >> 20,
        )
    with TemporaryDirectory(prefix="gridmap-upload-") as room:
        path = Path(room) / f"upload{suffix}"
        with path.open("wb") as kept:
            for chunk in chunks:
                kept.write(chunk)
        with files.checked(path) as file:
            return sandbox.read(file, layer=layer)
