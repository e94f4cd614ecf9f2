"""A picture somebody sent becomes a plain JPEG: type by content, no metadata, upright, small.

Whatever comes is decoded and written anew, so that nothing of the file survives but its pixels: no
place, no device, no comment, no second file hidden behind the first.
"""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from hashlib import sha256

from PIL import Image, ImageOps

from gridmap.errors import BadFile

FORMATS = ("JPEG", "PNG", "WEBP")
MOST_BYTES = 12 * 1024 * 1024
MOST_PIXELS = 50_000_000  # a good telephone's picture; decoded, 150 MB
LEAST_SIDE = 16  # pixels
EDGE, SMALL_EDGE = 1600, 320  # pixels of the longer side
QUALITY = 82


@dataclass(frozen=True)
class CleanPhoto:
    """What is kept of a picture."""

    data: bytes
    small: bytes
    width: int
    height: int

    @property
    def sha256(self) -> str:
        """The name of the file: the hash of what is in it."""
        return sha256(self.data).hexdigest()


def cleaned(data: bytes) -> CleanPhoto:
    """Return a picture as it is kept.

    Raises:
        BadFile: not a JPEG, PNG or WebP, damaged, too large, or too small.
    """
    if len(data) > MOST_BYTES:
        raise BadFile("照片太大：最多 %(most)s MB", most=MOST_BYTES // 1024 // 1024)
    picture = _opened(data)
    small = picture.copy()
    small.thumbnail((SMALL_EDGE, SMALL_EDGE))
    return CleanPhoto(_jpeg(picture), _jpeg(small), *picture.size)


def _opened(data: bytes) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(data), formats=FORMATS)
        # The size stands in the head of the file: nothing has been decoded yet.
        _check_size(*picture.size)
        if picture.format == "JPEG":
            picture.draft("RGB", (EDGE, EDGE))
        picture.seek(0)
        upright = ImageOps.exif_transpose(picture)
        upright.thumbnail((EDGE, EDGE))
        return _flat(upright)
    except BadFile:
        raise
    except Image.DecompressionBombError as fault:
        raise BadFile("照片的像素太多：最多 %(most)s 万", most=MOST_PIXELS // 10_000) from fault
    # Damaged files make the decoders fail in many ways; none of them is a fault of ours.
    except Exception as fault:
        raise BadFile("这不是能读的照片：只收 JPEG、PNG 和 WebP") from fault


def _check_size(width: int, height: int) -> None:
    if width * height > MOST_PIXELS:
        raise BadFile("照片的像素太多：最多 %(most)s 万", most=MOST_PIXELS // 10_000)
    if min(width, height) < LEAST_SIDE:
        raise BadFile("照片太小，看不出什么")


def _flat(picture: Image.Image) -> Image.Image:
    """Return it in RGB, on white where it was transparent, and without any metadata."""
    if picture.mode in {"RGBA", "LA", "PA"} or "transparency" in picture.info:
        seen = picture.convert("RGBA")
        ground = Image.new("RGBA", seen.size, "white")
        picture = Image.alpha_composite(ground, seen)
    plain = picture.convert("RGB")
    plain.info = {}
    return plain


def _jpeg(picture: Image.Image) -> bytes:
    written = io.BytesIO()
    picture.save(written, "JPEG", quality=QUALITY, optimize=True, exif=b"", icc_profile=None)
    return written.getvalue()
