"""Tiles through our process beside the bare generic PostGIS statement, and are they equal?"""

from __future__ import annotations

import random
import statistics

import mapbox_vector_tile
import psycopg
import shapely
from psycopg.conninfo import make_conninfo
from shapely.geometry import shape

from bench import serving
from bench.load import Bare, Http, Rate, press
from gridmap.feeds.pool import conninfo
from gridmap.layers.tiles import BUFFER, EXTENT, LAYERS, Layer

TARGETS = {14: 2.0, 15: 1.6, 16: 1.2, 17: 0.8}
CLIENTS = 8  # and as many connections to the database on either side
ROUNDS = 3
SECONDS = 4.0
TILES = 300
CHECKED = 12
EDITION = "m.1"
# What a generic tile server is given: no session settings of ours but the two that help it, too.
BARE = "-c max_parallel_workers_per_gather=0 -c jit=off"
SOURCES = {
    "tl_ground": ("layers_ground", "geom"),
    "tl_subdistrict": ("layers_subdistrict", "geom"),
    "tl_community": ("layers_community", "geom"),
    "tl_cell": ("layers_celledition", "geom"),
    "tl_stretch": ("layers_stretch", "centreline"),
    "tl_building": ("layers_building", "geom"),
    "tl_partyunit": ("layers_partyunit", "place"),
}


def bare() -> str:
    """Return how the peer reaches the database."""
    return make_conninfo(conninfo(BARE), application_name="bare")


def generic(zoom: int) -> str:
    """Return the statement a generic tile server sends: the same layers from the source tables."""
    parts = [_generic_layer(layer) for layer in LAYERS if zoom >= layer.start]
    return f"SELECT {' || '.join(parts)}"


def _generic_layer(layer: Layer) -> str:
    if layer.table in SOURCES:
        table, column = SOURCES[layer.table]
    else:
        table = layer.table.replace("tl_", "layers_")
        column = "centreline" if layer.shape == "centreline" else "polygon"
    own = {"t.width": "t.width_m AS width"}
    columns = [own.get(name, name) for start, name in layer.columns if start == 0]
    return f"""(
        SELECT coalesce(ST_AsMVT(q, '{layer.name}', {EXTENT}, 'geom', 'id'), '') FROM (
            SELECT {", ".join(["t.id", *columns])}, ST_AsMVTGeom(
                ST_Transform(t.{column}, 3857), ST_TileEnvelope(%(z)s, %(x)s, %(y)s),
                {EXTENT}, {BUFFER}
            ) AS geom
            FROM {table} AS t
            WHERE t.{column} && ST_Transform(
                ST_TileEnvelope(%(z)s, %(x)s, %(y)s, margin => {BUFFER / EXTENT}), 4326)
        ) AS q WHERE q.geom IS NOT NULL)"""


def tiles(zoom: int) -> list[tuple[int, int]]:
    """Return addresses of tiles inside the city, drawn by a seeded hand."""
    with psycopg.connect(conninfo(), autocommit=True) as link:
        (west, south, east, north), scale = (
            (
                link.execute(
                    "SELECT ST_XMin(e), ST_YMin(e), ST_XMax(e), ST_YMax(e) "
                    "FROM (SELECT ST_Extent(geom)::geometry AS e FROM tl_cell) AS k"
                ).fetchone()
                or (0, 0, 0, 0)
            ),
            2**zoom / 40_075_016.685578488,
        )
    half = 2 ** (zoom - 1)
    dice = random.Random(zoom)
    found: set[tuple[int, int]] = set()
    while len(found) < min(TILES, int((east - west) * (north - south) * scale * scale * 0.8)):
        x, y = dice.uniform(west, east), dice.uniform(south, north)
        found.add((int(half + x * scale), int(half - y * scale)))
    return sorted(found)


async def measure(port: int, bearer: str) -> None:
    """Print the table of all zooms."""
    print(f"\ntiles: {CLIENTS} clients, {ROUNDS} rounds of {SECONDS:.0f} s each, medians")
    print(
        "zoom | bare/s | ours/s | ratio (rounds) | target | processor ms a tile bare/ours | "
        "ours p50/p99 ms | KB bare/ours | equal"
    )
    for zoom, target in TARGETS.items():
        addresses = tiles(zoom)
        theirs, ours = await _rounds(port, bearer, zoom, addresses)
        ratios = [o.a_second / t.a_second for o, t in zip(ours, theirs, strict=True)]
        last = ours[-1]
        spread = " ".join(f"{ratio:.2f}" for ratio in ratios)
        price = [statistics.median(rate.price for rate in rates) for rates in (theirs, ours)]
        size = [rate.size / max(1, len(rate.waits)) / 1000 for rate in (theirs[-1], last)]
        print(
            f"z{zoom} | {statistics.median(t.a_second for t in theirs):.0f} | "
            f"{statistics.median(o.a_second for o in ours):.0f} | "
            f"{statistics.median(ratios):.2f}x ({spread}) | {target}x | "
            f"{price[0]:.2f}/{price[1]:.2f} = {price[0] / max(price[1], 0.001):.2f}x | "
            f"{last.wait(0.5):.1f}/{last.wait(0.99):.0f} | {size[0]:.1f}/{size[1]:.1f} | "
            f"{await _equal(port, bearer, zoom, addresses[:CHECKED])}"
            + (f" | {sum(o.errors for o in ours)} ERRORS" if any(o.errors for o in ours) else ""),
            flush=True,
        )


async def _rounds(
    port: int, bearer: str, zoom: int, addresses: list[tuple[int, int]]
) -> tuple[list[Rate], list[Rate]]:
    paths = [f"/feeds/tiles/{EDITION}/{zoom}/{x}/{y}.mvt" for x, y in addresses]
    values: list[dict[str, object]] = [{"z": zoom, "x": x, "y": y} for x, y in addresses]
    https = [Http(port, paths, f"Cookie: gridmap_ticket={bearer}\r\n") for _ in range(CLIENTS)]
    bares = [Bare(bare(), generic(zoom), values) for _ in range(CLIENTS)]
    both: tuple[Http | Bare, ...] = (*https, *bares)
    for client in both:
        await client.open()
    theirs, ours = [], []
    for clients in (bares, https):  # both warm
        await press([client.ask for client in clients], 1.5, len(paths), 99)
    backends = [client.backend for client in bares]
    own = [serving.PIDS[port], *feeds()]
    for number in range(ROUNDS):
        asked = (SECONDS, len(paths), number)
        theirs.append(await press([c.ask for c in bares], *asked, backends))
        ours.append(await press([c.ask for c in https], *asked, own))
    for client in both:
        await client.close()
    return theirs, ours


def feeds() -> list[int]:
    """Return the processes of the database that serve our feeds."""
    with psycopg.connect(bare(), autocommit=True) as link:
        rows = link.execute(
            "SELECT pid FROM pg_stat_activity WHERE application_name = 'gridmap feeds' "
            "AND datname = current_database() AND pid <> pg_backend_pid()"
        )
        return [row[0] for row in rows]


async def _equal(port: int, bearer: str, zoom: int, addresses: list[tuple[int, int]]) -> str:
    """Compare decoded geometry with what ST_AsMVTGeom makes of every row of the source."""
    paths = [f"/feeds/tiles/{EDITION}/{zoom}/{x}/{y}.mvt" for x, y in addresses]
    client = Http(port, paths, f"Cookie: gridmap_ticket={bearer}\r\n")
    await client.open()
    same = shared = lone = 0
    with psycopg.connect(bare(), autocommit=True) as link:
        for number, (x, y) in enumerate(addresses):
            row = link.execute(generic(zoom), {"z": zoom, "x": x, "y": y}).fetchone()
            theirs = _shapes(bytes(row[0]) if row else b"")
            mine = _shapes(await client.body(number) or b"")
            both = set(mine) & set(theirs)
            lone += len(set(mine) ^ set(theirs))
            shared += len(both)
            same += sum(
                mine[key].equals(theirs[key])
                or shapely.hausdorff_distance(mine[key], theirs[key]) == 0
                for key in both
            )
    await client.close()
    return f"{same} of {shared}, {lone} on one side only"


def _shapes(tile: bytes) -> dict[tuple[str, int], shapely.Geometry]:
    decoded = mapbox_vector_tile.decode(tile)
    return {
        (name, feature["id"]): shape(feature["geometry"])
        for name, layer in decoded.items()
        for feature in layer["features"]
    }
