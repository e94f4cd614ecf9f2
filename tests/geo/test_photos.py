"""Photos: whatever comes, a plain upright JPEG without a word about anybody goes into the store."""

import io
import struct
import zlib
from collections.abc import Callable
from typing import cast

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from gridmap.errors import BadFile
from gridmap.geo.photos import EDGE, MOST_BYTES, SMALL_EDGE, cleaned

CANARY = "117.6371 26.2701 Zhang Xiaohe"
GPS = 0x8825
ORIENTATION, ARTIST, COMMENT = 0x0112, 0x013B, 0x9286
LEFT_SIDE_DOWN = 6  # turn clockwise to see it upright


def picture(width: int = 640, height: int = 400) -> Image.Image:
    """Red on the left half, blue on the right."""
    made = Image.new("RGB", (width, height), "blue")
    made.paste("red", (0, 0, width // 2, height))
    return made


def written(image: Image.Image, form: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def tagged(orientation: int = 1) -> bytes:
    exif = Image.Exif()
    exif[ORIENTATION], exif[ARTIST] = orientation, CANARY
    exif.get_ifd(GPS)[1] = "N"
    exif.get_ifd(GPS)[2] = (26.0, 16.0, 12.36)
    exif.get_ifd(0x8769)[COMMENT] = CANARY.encode()
    return written(picture(), "JPEG", exif=exif, comment=CANARY.encode())


def told() -> bytes:
    info = PngInfo()
    info.add_text("Author", CANARY)
    info.add_itxt("XML:com.adobe.xmp", f"<x>{CANARY}</x>")
    return written(picture(), "PNG", pnginfo=info)


def with_xmp() -> bytes:
    return written(picture(), "WEBP", xmp=f"<x>{CANARY}</x>".encode(), lossless=True)


@pytest.mark.parametrize("make", [tagged, told, with_xmp])
def test_what_a_file_tells_beside_its_pixels_is_gone(make: Callable[[], bytes]) -> None:
    data = make()
    assert CANARY.encode() in data, "the file to try with tells it"
    clean = cleaned(data)
    for kept in (clean.data, clean.small):
        assert CANARY.encode() not in kept
        opened = Image.open(io.BytesIO(kept))
        assert opened.format == "JPEG"
        assert dict(opened.getexif()) == {}
        assert {"exif", "comment", "xmp", "icc_profile"} & set(opened.info) == set()


def test_a_second_file_behind_the_first_is_gone() -> None:
    data = tagged() + b"PK\x03\x04<script>" + CANARY.encode()
    assert CANARY.encode() not in cleaned(data).data


def colour(image: Image.Image, x: int, y: int) -> tuple[int, int, int]:
    return cast("tuple[int, int, int]", image.getpixel((x, y)))


def test_a_picture_stays_upright() -> None:
    clean = cleaned(tagged(orientation=LEFT_SIDE_DOWN))
    assert (clean.width, clean.height) == (400, 640)
    upright = Image.open(io.BytesIO(clean.data))
    red, _, blue = colour(upright, 200, 40)
    assert red > 200 > blue
    red, _, blue = colour(upright, 200, 600)
    assert blue > 200 > red


def test_a_large_one_is_made_smaller_and_a_small_one_is_not_made_larger() -> None:
    clean = cleaned(written(picture(4000, 2000), "JPEG"))
    assert (clean.width, clean.height) == (EDGE, EDGE // 2)
    assert Image.open(io.BytesIO(clean.small)).size == (SMALL_EDGE, SMALL_EDGE // 2)
    assert cleaned(written(picture(100, 80), "PNG")).width == 100


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGBA", "CMYK", "1", "I;16"])
def test_every_kind_of_pixels_becomes_a_plain_picture(mode: str) -> None:
    form = "JPEG" if mode == "CMYK" else "PNG"
    if mode == "I;16":
        data = written(Image.new("I;16", (64, 64)), form)
    else:
        data = written(picture(64, 64).convert(mode), form)
    assert Image.open(io.BytesIO(cleaned(data).data)).mode == "RGB"


def test_the_same_picture_has_the_same_name() -> None:
    assert cleaned(tagged()).sha256 == cleaned(tagged()).sha256


def bomb(side: int) -> bytes:
    """A PNG of so many pixels a side, a few bytes long."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        told = kind + body
        return struct.pack(">I", len(body)) + told + struct.pack(">I", zlib.crc32(told))

    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    rows = zlib.compress(b"\x00" * 1000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


HOSTILE = {
    "bomb of 8,000": bomb(8_000),
    "bomb of 30,000": bomb(30_000),
    "nothing": b"",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "postscript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(/etc/passwd) run\n",
    "page": b"<html><body>photo</body></html>",
    "gif": written(picture(), "GIF"),
    "bmp": written(picture(), "BMP"),
    "tiff": written(picture(), "TIFF"),
    "pdf": b"%PDF-1.7\n",
    "zip": b"PK\x03\x04" + b"\x00" * 60,
    "head of a jpeg": tagged()[:20],
    "too small": written(picture(8, 8), "PNG"),
    "too large a file": tagged() + b"\x00" * MOST_BYTES,
    "noise": bytes(range(256)) * 40,
    "png without data": bomb(64)[:40],
}
FILES = [tagged(), told(), with_xmp()]
CUT = {
    f"file {number} cut at {share}": data[: len(data) * share // 20]
    for number, data in enumerate(FILES)
    for share in range(1, 16)
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_photo_is_refused_by_its_reason(name: str) -> None:
    with pytest.raises(BadFile) as caught:
        cleaned(HOSTILE[name])
    assert str(caught.value)


@pytest.mark.parametrize("name", CUT)
def test_a_damaged_file_is_refused_or_harmless(name: str) -> None:
    try:
        assert CANARY.encode() not in cleaned(CUT[name]).data
    except BadFile as refusal:
        assert str(refusal)  # noqa: PT017 - either is right
