"""Which encoding a text is in: UTF-8 if it can be, GB18030 (of which GBK is a part) if not."""

from __future__ import annotations

import codecs
import struct
from pathlib import Path

from gridmap.errors import BadFile

RECORDS = 5_000  # of a table are looked at
BOM16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
LONGEST_SIGN = 4  # bytes, in both encodings


def known(name: str) -> str:
    """Return the proper name of an encoding.

    Raises:
        BadFile: there is none of this name.
    """
    try:
        return codecs.lookup(name).name
    except LookupError as error:
        raise BadFile("没有名为 %(name)s 的编码", name=name) from error


def of(data: bytes) -> str:
    """Return the encoding of a text.

    Raises:
        BadFile: it is in neither encoding.
    """
    if data.startswith(BOM16):
        return "utf-16"
    for name in ("utf-8", "gb18030"):
        try:
            data.decode(name)
        except UnicodeDecodeError:
            continue
        return name
    raise BadFile("无法识别文字编码（不是 UTF-8，也不是 GBK/GB18030）；请用 --encoding 指明")


def to_utf8(data: bytes, encoding: str | None) -> bytes:
    """Return a text in UTF-8, whatever it was in.

    Raises:
        BadFile: it is not in the encoding said, or in none that we know.
    """
    name = encoding or of(data)
    if codecs.lookup(name).name == "utf-8" and encoding is None:
        return data
    try:
        return data.decode(name).encode()
    except UnicodeError as error:
        raise BadFile("文字不是 %(name)s 编码：%(reason)s", name=name, reason=str(error)) from error


def of_dbf(table: Path, said: Path | None) -> str:
    """Return the encoding of a dBase table.

    What its .cpg says is believed only if the texts bear it out.

    Raises:
        BadFile: the table is broken, or in no encoding that we know.
    """
    with table.open("rb") as file:
        head = file.read(32)
        if len(head) < 32:  # noqa: PLR2004 - the length of a dBase header
            raise BadFile("属性表（.dbf）已损坏")
        count, start, width = struct.unpack("<IHH", head[4:12])
        fields = file.read(max(start - 32, 0))
        body = file.read(min(count, RECORDS) * width)
    texts = _texts(fields, body, width)
    for name in (*_said(said), "utf-8", "gb18030"):
        if all(_fits(text, name) for text in texts):
            return name
    raise BadFile("无法识别属性表（.dbf）的文字编码；请用 --encoding 指明")


def _said(said: Path | None) -> tuple[str, ...]:
    if said is None:
        return ()
    name = said.read_bytes()[:40].decode("ascii", "replace").strip().lower()
    name = {"936": "gbk", "cp936": "gbk", "65001": "utf-8", "gb2312": "gb18030"}.get(name, name)
    try:
        return (codecs.lookup(name).name,)
    except LookupError:
        return ()


def _texts(fields: bytes, body: bytes, width: int) -> list[bytes]:
    """The names of the fields and the texts of the records, without repetition."""
    texts, place = set[bytes](), 1
    columns = []
    for start in range(0, len(fields) - 31, 32):
        texts.add(fields[start : start + 11].split(b"\0")[0])
        length = fields[start + 16]
        if fields[start + 11 : start + 12] == b"C":
            columns.append((place, place + length))
        place += length
    for start in range(0, len(body) if width else 0, width or 1):
        texts.update(body[start + first : start + last].rstrip(b" \0") for first, last in columns)
    return list(texts)


def _fits(text: bytes, name: str) -> bool:
    """Whether a text is in the encoding; a last sign cut off by its field is forgiven."""
    try:
        text.decode(name)
    except UnicodeDecodeError as error:
        return error.reason.startswith(("unexpected end", "incomplete")) or (
            len(text) - error.start < LONGEST_SIGN and error.end == len(text)
        )
    return True
