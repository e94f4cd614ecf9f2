"""Opens what an answer is packed in, so that its words can be looked for."""

import gzip
import sqlite3
import zipfile
from contextlib import closing
from io import BytesIO

import mapbox_vector_tile
import pypdfium2


def opened(body: bytes, kind: str = "") -> str:
    """All that stands in a body: of archives every file, of papers the words, of tables the rows.

    Args:
        body: as it came.
        kind: its content type; only tiles need it.
    """
    if body[:2] == b"\x1f\x8b":
        return opened(gzip.decompress(body), kind)
    if body.startswith(b"PK"):
        with zipfile.ZipFile(BytesIO(body)) as archive:
            return "\n".join(f"{name} {opened(archive.read(name))}" for name in archive.namelist())
    if body.startswith(b"%PDF"):
        with closing(pypdfium2.PdfDocument(body)) as paper:
            return "\n".join(page.get_textpage().get_text_range() for page in paper)
    if body.startswith(b"SQLite format 3\0"):
        return _rows(body)
    if "vector-tile" in kind:
        return str(mapbox_vector_tile.decode(body))
    return body.decode(errors="replace")


def _rows(body: bytes) -> str:
    """Every row of every table that is no index."""
    with closing(sqlite3.connect(":memory:")) as book:
        book.deserialize(body)
        book.text_factory = lambda text: text.decode(errors="replace")
        tables = book.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        words = [str(tables)]
        for (table,) in tables:
            if not str(table).startswith("rtree_"):
                words += map(str, book.execute(f'SELECT * FROM "{table}"'))
        return "\n".join(words)
