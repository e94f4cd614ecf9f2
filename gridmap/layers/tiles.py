"""What a vector tile holds, and the statement that makes one: a single round trip a tile.

The statement reads the display tables (layers/sql/0005_display.sql). A row that lies wholly inside
the tile is moved to tile units by one affine map and snapped; ST_AsMVTGeom, two thirds of a
building tile's time, is called only for rows on the border. Decoded, both give the same geometry.
"""

from dataclasses import dataclass, replace
from functools import cache

EXTENT = 4096
BUFFER = 64
DEEPEST = 22
# Below this zoom areas are snapped to half a screen pixel. Neighbours share their vertices, so they
# are snapped alike and no gap opens between them, which simplifying each by itself would not keep.
SNAP_BELOW = 14
COARSE = 4
# Part of every tile's validator: raise it when a tile's contents change for the same edition.
FORMAT = 1


@dataclass(frozen=True)
class Layer:
    """One source layer of the tiles.

    Attributes:
        name: of the source layer.
        table: display table.
        start: first zoom at which it is there.
        columns: properties as SQL, by the zoom from which they are there.
        shape: geometry column.
    """

    name: str
    table: str
    start: int
    columns: tuple[tuple[int, str], ...] = ()
    shape: str = "geom"


# Which layer at which zoom: ui.md, section 6, with one zoom to spare for the map's own overzoom.
LAYERS = (
    Layer("ground", "tl_ground", 8, ((0, "t.kind"),)),
    Layer("subdistricts", "tl_subdistrict", 0),
    Layer("communities", "tl_community", 8),
    Layer("cells", "tl_cell", 12),
    Layer("street_areas", "tl_street", 16),
    Layer("lane_areas", "tl_lane", 16),
    Layer("streets", "tl_street", 11, ((0, "t.name"), (0, "t.width")), "centreline"),
    Layer("lanes", "tl_lane", 14, ((0, "t.name"), (0, "t.width")), "centreline"),
    Layer("stretches", "tl_stretch", 14, ((0, "t.side"),)),
    Layer("buildings", "tl_building", 15, ((18, "t.label"),)),
    Layer("party_units", "tl_partyunit", 14),
)

_LAYER = """(
    SELECT coalesce(ST_AsMVT(f, '{name}', {extent}, 'geom', 'id'), '')
    FROM (
        SELECT t.id, {columns}CASE
            WHEN t.{shape} @ e.env
            THEN ST_SnapToGrid(ST_Affine(t.{shape}, e.s, 0, 0, -e.s, e.ox, e.oy), {grain})
            ELSE ST_AsMVTGeom({border}, e.env, {extent}, {buffer})
        END AS geom
        FROM {table} AS t
        WHERE t.{shape} && e.reach AND t.city_id = y.id
    ) AS f
)"""

# env: the tile; reach: with its buffer; s: tile units a metre; ox, oy: where its corner goes.
_TILE = """
SELECT y.edition, {layers} AS tile
FROM layers_city AS y
CROSS JOIN (
    SELECT k.env, k.reach, k.s, -ST_XMin(k.env) * k.s AS ox, ST_YMax(k.env) * k.s AS oy
    FROM (
        SELECT ST_TileEnvelope(%(z)s, %(x)s, %(y)s) AS env,
            ST_TileEnvelope(%(z)s, %(x)s, %(y)s, margin => {margin}) AS reach,
            {extent} / (ST_XMax(ST_TileEnvelope(%(z)s, %(x)s, %(y)s))
                - ST_XMin(ST_TileEnvelope(%(z)s, %(x)s, %(y)s))) AS s
    ) AS k OFFSET 0
) AS e
WHERE y.id = %(city)s
"""


# The cells of a past moment are drawn from their editions; all else has no past on the map.
THEN = {"tl_cell": "gridmap_cells_drawn_at(y.id, e.reach, %(moment)s::timestamptz)"}


@cache
def statement(zoom: int, *, past: bool = False) -> str:
    """Return the statement of a tile of this zoom.

    Its parameters are ``city`` (id), ``z``, ``x``, ``y``, and ``moment`` for one of the past; it
    answers one row: the city's edition at that moment, and the tile; no row where the city is gone.
    """
    shown = [layer for layer in LAYERS if zoom >= layer.start]
    if past:
        shown = [replace(layer, table=THEN.get(layer.table, layer.table)) for layer in shown]
    layers = " || ".join(_layer(layer, zoom) for layer in shown)
    return _TILE.format(layers=layers, extent=EXTENT, margin=BUFFER / EXTENT)


def _layer(layer: Layer, zoom: int) -> str:
    grain = COARSE if zoom < SNAP_BELOW else 1
    shape = f"t.{layer.shape}"
    border = (
        shape
        if grain == 1
        else f"ST_SnapToGrid({shape}, ST_XMin(e.env), ST_YMax(e.env), {grain} / e.s, {grain} / e.s)"
    )
    return _LAYER.format(
        name=layer.name,
        table=layer.table,
        shape=layer.shape,
        columns="".join(f"{column}, " for start, column in layer.columns if zoom >= start),
        grain=grain,
        border=border,
        extent=EXTENT,
        buffer=BUFFER,
    )
