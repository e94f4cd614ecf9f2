"""Vector tiles: geometry and ids only, one immutable address for each edition of the map."""

from __future__ import annotations

import re

from gridmap.errors import BadValue, EditionGone
from gridmap.feeds.answer import Answer
from gridmap.feeds.asked import Asked
from gridmap.feeds.cities import Cities
from gridmap.feeds.pool import Database
from gridmap.layers.tiles import DEEPEST, FORMAT, statement

# What was in force then may still be set right in the register, and no edition rises for it.
SHORTLY = (b"cache-control", b"private, max-age=60")
TYPE = (b"content-type", b"application/vnd.mapbox-vector-tile")
# Each bearer's browser keeps it; no cache between us and the browser may.
FOREVER = (b"cache-control", b"private, max-age=31536000, immutable")
_NUMBER = "(0|[1-9][0-9]{0,17})"
_ADDRESS = re.compile(
    rf"/feeds/tiles/([-a-zA-Z0-9_]{{1,32}})\.{_NUMBER}/{_NUMBER}/{_NUMBER}/{_NUMBER}\.mvt"
)


def parse(path: str) -> tuple[str, int, int, int, int]:
    """Return slug, edition, z, x and y of a tile's address.

    Raises:
        BadValue: it is none.
    """
    match = _ADDRESS.fullmatch(path)
    if match is None:
        raise BadValue("瓦片地址应为 /feeds/tiles/城市.版本/z/x/y.mvt。")
    edition, z, x, y = (int(part) for part in match.groups()[1:])
    if z > DEEPEST:
        raise BadValue("没有 %(z)s 级瓦片：最深 %(deepest)s 级。", z=z, deepest=DEEPEST)
    if x >= 1 << z or y >= 1 << z:
        raise BadValue("瓦片 %(z)s/%(x)s/%(y)s 在世界之外。", z=z, x=x, y=y)
    return match[1], edition, z, x, y


async def tile(asked: Asked, database: Database, cities: Cities) -> Answer:
    """Answer one tile; with ``as_of`` the cells in it are those of that moment.

    Raises:
        EditionGone: the map's picture has changed; the detail names the edition in force.
    """
    slug, edition, z, x, y = parse(asked.path)
    asked.must_see(slug)
    city = await cities.find(slug)
    moment = asked.as_of(city.zone)
    if moment is not None:
        values = {"city": city.id, "z": z, "x": x, "y": y, "moment": moment}
        rows = await database.rows(statement(z, past=True), values)
        return Answer(200, [TYPE, SHORTLY], rows[0][1] if rows else b"")
    tag = f"{slug}.{edition}-{z}-{x}-{y}-{FORMAT}"
    headers = [TYPE, FOREVER]
    if city.edition == edition and asked.has_seen(tag):
        return Answer(304, headers, b"", tag)
    rows = await database.rows(statement(z), {"city": city.id, "z": z, "x": x, "y": y})
    # The edition comes from the same snapshot as the rows drawn: nothing newer can be kept under
    # an older name.
    in_force, body = rows[0] if rows else (city.edition, b"")
    if in_force != edition:
        raise EditionGone("地图已更新，请用新版本。", edition=f"{slug}.{in_force}")
    return Answer(200, headers, body, tag)
