"""Thirty images that tell, hide, lie or are too much: plain pixels come out of them, or nothing."""

import io
import struct
import zlib
from collections.abc import Callable

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from gridmap.errors import BadFile
from gridmap.geo.photos import EDGE, MOST_PIXELS, cleaned
from tests.geo.test_photos import CANARY, GPS, ORIENTATION, bomb, colour, picture, tagged, written

SECRET = CANARY.encode()
SOI, SCAN = 0xD8, 0xDA
FIRST_APPLICATION, LAST_APPLICATION, COMMENT = 0xE1, 0xEF, 0xFE
END = b"\xff\xd9"


def beside(jpeg: bytes) -> list[int]:
    """Markers of a JPEG that tell something beside its pixels; what stands behind its end as -1."""
    assert jpeg[:2] == bytes([0xFF, SOI])
    found, at = [], 2
    while jpeg[at + 1] != SCAN:
        marker, size = jpeg[at + 1], int.from_bytes(jpeg[at + 2 : at + 4])
        if FIRST_APPLICATION <= marker <= LAST_APPLICATION or marker == COMMENT:
            found.append(marker)
        at += 2 + size
    if jpeg.index(END, at) + len(END) != len(jpeg):
        found.append(-1)
    return found


def segment(marker: int, body: bytes) -> bytes:
    """A JPEG with one segment more, right behind its head."""
    plain = written(picture(), "JPEG")
    return plain[:2] + bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body + plain[2:]


def chunk(kind: bytes, body: bytes) -> bytes:
    told = kind + body
    return struct.pack(">I", len(body)) + told + struct.pack(">I", zlib.crc32(told))


def png_with(*chunks: bytes) -> bytes:
    """A PNG with these chunks right behind its head."""
    plain = written(picture(), "PNG")
    head = 8 + 25
    return plain[:head] + b"".join(chunks) + plain[head:]


def exif(orientation: int = 1) -> Image.Exif:
    made = Image.Exif()
    made[ORIENTATION], made[0x013B] = orientation, CANARY
    made.get_ifd(GPS)[1] = "N"
    made.get_ifd(GPS)[2] = (26.0, 16.0, 12.36)
    return made


def frames(form: str) -> bytes:
    """A moving picture; its second frame is green."""
    green = Image.new("RGB", (640, 400), "lime")
    more: dict[str, object] = {"exif": exif()} if form == "WEBP" else {}
    return written(picture(), form, save_all=True, append_images=[green], **more)


def text(*, squeezed: bool) -> bytes:
    info = PngInfo()
    info.add_text("Comment", CANARY, zip=squeezed)
    return written(picture(), "PNG", pnginfo=info)


# Each holds something beside its pixels, and is a photo: it is kept without it.
TELLING: dict[str, Callable[[], bytes]] = {
    "place in the EXIF of a JPEG": tagged,
    "place in the EXIF of a PNG": lambda: written(picture(), "PNG", exif=exif()),
    "place in the EXIF of a WebP": lambda: written(picture(), "WEBP", exif=exif()),
    "XMP of a JPEG": lambda: segment(0xE1, b"http://ns.adobe.com/xap/1.0/\x00" + SECRET),
    "XMP of a WebP": lambda: written(picture(), "WEBP", xmp=SECRET),
    "IPTC of a JPEG": lambda: segment(0xED, b"Photoshop 3.0\x008BIM\x04\x04\x00\x00" + SECRET),
    "a comment of a JPEG": lambda: segment(COMMENT, SECRET),
    "a maker's own segment": lambda: segment(0xEB, SECRET),
    "a profile of colours": lambda: segment(0xE2, b"ICC_PROFILE\x00\x01\x01" + SECRET),
    "words of a PNG": lambda: text(squeezed=False),
    "squeezed words of a PNG": lambda: text(squeezed=True),
    "an own chunk of a PNG": lambda: png_with(chunk(b"prVt", SECRET)),
    "two pictures in one": lambda: written(
        picture(), "MPO", save_all=True, append_images=[picture()], exif=exif()
    ),
    "an archive behind a JPEG": lambda: written(picture(), "JPEG") + b"PK\x03\x04" + SECRET,
    "a page behind a PNG": lambda: written(picture(), "PNG") + b"<script>" + SECRET,
    "a script in a comment": lambda: segment(COMMENT, b"*/=alert(1)/*<?php " + SECRET),
    "a moving PNG": lambda: frames("PNG"),
    "a moving WebP": lambda: frames("WEBP"),
}


def vast_jpeg(side: int) -> bytes:
    """A JPEG whose head tells a side it does not have."""
    plain = written(picture(), "JPEG")
    at = plain.index(b"\xff\xc0") + 5
    return plain[:at] + struct.pack(">HH", side, side) + plain[at + 4 :]


def whole_bomb() -> bytes:
    """30,000 x 30,000 black pixels, every one of them there, in some 109 kB."""
    side = 30_000
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0))
    rows = chunk(b"IDAT", zlib.compress(bytes(side * (1 + side // 8)), 9))
    return b"\x89PNG\r\n\x1a\n" + head + rows + chunk(b"IEND", b"")


def half(whole: bytes) -> bytes:
    return whole[: len(whole) // 2]


# None of these is kept; in brackets what the refusal says.
REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "a whole bomb": (whole_bomb, "像素太多"),
    "a bomb just above the limit": (lambda: bomb(int(MOST_PIXELS**0.5) + 1), "像素太多"),
    "a JPEG of 65,500 pixels a side": (lambda: vast_jpeg(65_500), "像素太多"),
    "words that swell": (
        lambda: png_with(chunk(b"zTXt", b"a\x00\x00" + zlib.compress(bytes(80_000_000), 9))),
        "能读的照片",
    ),
    "PostScript": (lambda: written(picture(), "EPS"), "能读的照片"),
    "a drawing": (lambda: b'<?xml version="1.0"?><svg onload="alert(1)"/>', "能读的照片"),
    "a GIF that is a script": (lambda: b"GIF89a/*" + bytes(40) + b"*/=alert(1)", "能读的照片"),
    "an icon": (lambda: written(picture(64, 64), "ICO"), "能读的照片"),
    "half a PNG": (lambda: half(text(squeezed=False)), "能读"),
    "half a JPEG": (lambda: half(tagged()), "能读"),
    "one pixel high": (lambda: written(Image.new("RGB", (20_000, 1)), "PNG"), "太小"),
    "a JPEG with the head of a PNG": (lambda: b"\x89PNG\r\n\x1a\n" + tagged(), "能读的照片"),
}


def test_there_are_thirty_of_them() -> None:
    assert len(TELLING) + len(REFUSED) == 30


@pytest.mark.parametrize("name", TELLING)
def test_of_an_image_that_tells_only_the_first_picture_is_kept(name: str) -> None:
    clean = cleaned(TELLING[name]())
    for kept in (clean.data, clean.small):
        assert beside(kept) == []
        assert SECRET not in kept
    assert (clean.width, clean.height) == (640, 400)
    shown = Image.open(io.BytesIO(clean.data))
    assert getattr(shown, "n_frames", 1) == 1
    red, green, _ = colour(shown, 80, 200)
    assert red > 200 > green


def test_the_search_finds_what_a_careless_copy_would_keep() -> None:
    """The control: the same search over the files as they came, and over a plain copy of one."""
    jpegs = {name: data for name in TELLING if (data := TELLING[name]())[:2] == b"\xff\xd8"}
    assert len(jpegs) > 8
    assert [name for name, data in jpegs.items() if not beside(data)] == []
    opened = Image.open(io.BytesIO(tagged()))
    assert beside(written(opened, "JPEG", exif=opened.getexif())) != []
    assert beside(written(picture(), "JPEG")) == []
    for name in TELLING.keys() - jpegs.keys():
        data = TELLING[name]()
        opened = Image.open(io.BytesIO(data))
        told = SECRET in data or CANARY in opened.info.values()
        assert told or getattr(opened, "n_frames", 1) > 1, name


@pytest.mark.parametrize("name", REFUSED)
def test_an_image_that_is_too_much_or_none_is_refused_by_its_reason(name: str) -> None:
    make, reason = REFUSED[name]
    with pytest.raises(BadFile, match=reason):
        cleaned(make())


def test_the_whole_bomb_is_small_on_the_way() -> None:
    assert len(whole_bomb()) < 150_000


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_whichever_way_a_telephone_was_held_the_picture_stands_upright(
    form: str, orientation: int
) -> None:
    # Red stands on the left of what was written: where it stands upright, by the EXIF standard.
    where = {1: "left", 2: "right", 3: "right", 4: "left", 5: "top", 6: "top", 7: "bottom"}
    side = where.get(orientation, "bottom")
    clean = cleaned(written(picture(), form, exif=exif(orientation)))
    turned = side in {"top", "bottom"}
    assert (clean.width, clean.height) == ((400, 640) if turned else (640, 400))
    spots = {"left": (40, 200), "right": (600, 200), "top": (200, 40), "bottom": (200, 600)}
    shown = Image.open(io.BytesIO(clean.data))
    for other in ("top", "bottom") if turned else ("left", "right"):
        red, _, blue = colour(shown, *spots[other])
        assert (red > blue) is (other == side)


def test_a_long_strip_fits_the_edge() -> None:
    clean = cleaned(written(Image.new("L", (40_000, 40)), "PNG"))
    assert clean.width == EDGE
    assert clean.height >= 1
