"""Archives: what may be in one, and how much of it may come out."""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path, PurePosixPath

from gridmap.errors import BadFile

SHAPEFILE = frozenset({".shp", ".shx", ".dbf", ".prj", ".cpg"})
SINGLE = frozenset({".geojson", ".json", ".kml", ".gpkg", ".csv"})
# Beside a shapefile these are common and of no use to us: they stay inside.
IGNORED = frozenset(
    {
        ".sbn",
        ".sbx",
        ".qix",
        ".qpj",
        ".qmd",
        ".xml",
        ".txt",
        ".md",
        ".htm",
        ".html",
        ".pdf",
        ".fbn",
        ".fbx",
        ".ain",
        ".aih",
        ".atx",
        ".ixs",
        ".mxs",
        ".lyr",
        ".qml",
        ".sld",
    }
)
CHUNK = 1 << 20
SMALL = 1 << 20  # a ratio says nothing about a file this small


def look(path: Path, *, most: int, entries: int = 50, ratio: int = 100) -> list[str]:
    """Return the names in an archive that is fit to be unpacked.

    Args:
        path: the archive.
        most: bytes all of it may come to.
        entries: files it may hold.
        ratio: how many times smaller than itself a large file may be packed.

    Raises:
        BadFile: it is no archive, is encrypted, or unpacks to too much or to elsewhere.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return [info.filename for info in _fit(archive, (most, entries, ratio))]
    except (zipfile.BadZipFile, NotImplementedError, UnicodeDecodeError, ValueError) as error:
        raise BadFile("压缩包已损坏：%(reason)s", reason=str(error)) from error


def _fit(archive: zipfile.ZipFile, limits: tuple[int, int, int]) -> list[zipfile.ZipInfo]:
    most, entries, ratio = limits
    everything = archive.infolist()
    if len(everything) > entries:
        raise BadFile("压缩包内有 %(n)d 个文件，最多 %(most)d 个", n=len(everything), most=entries)
    total = sum(info.file_size for info in everything)
    if total > most:
        raise BadFile(
            "压缩包解开后有 %(size)d 兆，最多 %(most)d 兆", size=total >> 20, most=most >> 20
        )
    for info in everything:
        _fit_one(info, ratio)
    return [
        info
        for info in everything
        if not info.is_dir()
        and "__MACOSX" not in PurePosixPath(info.filename).parts
        and not PurePosixPath(info.filename).name.startswith(".")
    ]


def _fit_one(info: zipfile.ZipInfo, ratio: int) -> None:
    where = PurePosixPath(info.filename)
    if where.is_absolute() or ".." in where.parts or "\\" in info.filename or ":" in info.filename:
        raise BadFile("压缩包内的文件名指向包外：%(name)s", name=info.filename)
    if stat.S_ISLNK(info.external_attr >> 16):
        raise BadFile("压缩包内不得有符号链接：%(name)s", name=info.filename)
    if info.flag_bits & 1:
        raise BadFile("压缩包是加密的")
    if info.file_size > SMALL and info.file_size > ratio * max(info.compress_size, 1):
        raise BadFile("压缩比过高，疑为压缩炸弹：%(name)s", name=info.filename)


def unpack(path: Path, room: Path, *, layer: str | None, most: int) -> Path:
    """Unpack the one data set of an archive into a private folder and return its main file.

    Args:
        path: the archive.
        room: the private folder.
        layer: name of the shapefile wanted, without ending, if there are several.
        most: bytes all of it may come to.

    Raises:
        BadFile: as `look`; or it holds no data set, several, or files that belong to none.
    """
    look(path, most=most)
    try:
        with zipfile.ZipFile(path) as archive:
            wanted = _chosen(archive, layer, most)
            for info in wanted:
                _extract(archive, info, room)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError) as error:
        raise BadFile("压缩包已损坏：%(reason)s", reason=str(error)) from error
    return room / f"archived{PurePosixPath(wanted[0].filename).suffix.lower()}"


def _chosen(archive: zipfile.ZipFile, layer: str | None, most: int) -> list[zipfile.ZipInfo]:
    files = {PurePosixPath(info.filename): info for info in _fit(archive, (most, 50, 100))}
    for name in files:
        if name.suffix.lower() not in SHAPEFILE | SINGLE | IGNORED:
            raise BadFile("压缩包内不得有此类文件：%(name)s", name=str(name))
    mains = sorted(name for name in files if name.suffix.lower() in SINGLE | {".shp"})
    if layer is not None and len(mains) > 1:
        mains = [name for name in mains if name.stem == layer]
    if len(mains) != 1:
        raise BadFile(
            "压缩包内应只有一个图层，现有：%(names)s（可用 --source-layer 选一个）",
            names="、".join(str(name) for name in mains) or "—",
        )
    main = mains[0]
    if main.suffix.lower() in SINGLE:
        return [files[main]]
    beside = [name for name in files if name.with_suffix("") == main.with_suffix("")]
    pieces = [name for name in beside if name.suffix.lower() in SHAPEFILE - {".shp"}]
    return [files[main], *(files[name] for name in pieces)]


def _extract(archive: zipfile.ZipFile, info: zipfile.ZipInfo, room: Path) -> None:
    target = room / f"archived{PurePosixPath(info.filename).suffix.lower()}"
    left = info.file_size  # said by the archive and held to
    with archive.open(info) as source, target.open("wb") as copy:
        while left >= 0 and (chunk := source.read(CHUNK)):
            left -= len(chunk)
            copy.write(chunk)
    if left < 0:
        raise BadFile("压缩包已损坏：%(reason)s", reason=info.filename)
