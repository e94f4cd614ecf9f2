"""Which layers can be loaded, what each is made of, and under which names files call it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from gridmap.geo.soundness import Form
from gridmap.layers.incidents import Incident, State
from gridmap.layers.people import ChiefTerm
from gridmap.layers.places import PartyUnit, Stretch
from gridmap.layers.territory import CellEdition, Ground


@dataclass(frozen=True)
class Field:
    """One value a layer takes from a file.

    Attributes:
        name: our name of it, as used by ``--map`` and ``--set``.
        kind: text, integer, number, place (a coordinate), moment, list, or reference.
        length: most characters of a text.
        names: what files call it besides, most telling first.
        required: whether a row without it is refused.
        choices: stored value -> what a file may say instead.
        low, high: bounds of a number.
        column: whether the table has a column of this name.
    """

    name: str
    kind: str = "text"
    length: int = 80
    names: tuple[str, ...] = ()
    required: bool = False
    choices: Mapping[str, str] = field(default_factory=dict)
    low: float = 0
    high: float = 1e9
    column: bool = True


@dataclass(frozen=True)
class Layer:
    """One layer that can be loaded."""

    name: str
    table: str
    form: Form
    geometry: str  # the column that takes the shape as it was drawn
    fields: tuple[Field, ...]
    key: str = "code"  # what a row is known by inside its city
    search: tuple[str, ...] = ()  # fields the search box looks through
    vertices: int = 5_000  # of one shape; administrative borders have more


CODE = Field("code", length=20, names=("代码", "编码", "编号"))
NAME = Field("name", names=("名称", "Name", "NAME"))
ALIASES = Field("aliases", "list", names=("别名", "alt_name", "old_name"))
WAY = (
    CODE,
    NAME,
    Field("kind", length=30, names=("类型", "highway", "railway")),
    ALIASES,
    Field("width_m", "number", names=("宽度", "width"), low=0.5, high=200),
)
LNG = Field("lng", "place", names=("经度", "lon", "longitude", "x"), column=False)
LAT = Field("lat", "place", names=("纬度", "latitude", "y"), column=False)

LAYERS: Mapping[str, Layer] = {
    layer.name: layer
    for layer in (
        Layer(
            "subdistricts",
            "layers_subdistrict",
            Form.AREA,
            "geom",
            (
                Field("code", length=9, names=("代码", "编码"), required=True),
                Field("name", names=NAME.names, required=True),
            ),
            vertices=50_000,
        ),
        Layer(
            "communities",
            "layers_community",
            Form.AREA,
            "geom",
            (
                Field("code", length=12, names=("代码", "编码"), required=True),
                Field("name", names=NAME.names, required=True),
                Field("subdistrict", "reference", 9, ("街道代码",), column=False),
            ),
            search=("name",),
            vertices=50_000,
        ),
        Layer(
            "cells",
            "layers_celledition",
            Form.AREA,
            "geom",
            (
                Field("code", length=15, names=("代码", "编码"), required=True),
                NAME,
                Field("kind", names=("类型",), choices=dict(CellEdition.Kind.choices)),
                Field("use", length=20, names=("用途",)),
                Field("community", "reference", 12, ("社区代码",), column=False),
            ),
            vertices=20_000,
        ),
        Layer("streets", "layers_street", Form.WAY, "centreline", WAY, search=("name", "aliases")),
        Layer(
            "lanes",
            "layers_lane",
            Form.WAY,
            "centreline",
            (
                *WAY,
                Field("street", "reference", 20, ("街道", "street_code"), column=False),
                Field("community", "reference", 12, ("社区代码",), column=False),
            ),
            search=("name", "aliases"),
        ),
        Layer(
            "buildings",
            "layers_building",
            Form.AREA,
            "geom",
            (
                CODE,
                NAME,
                Field("address", length=120, names=("地址", "门牌地址")),
                Field(
                    "number", length=20, names=("门牌号", "addr_housenumber", "addr:housenumber")
                ),
                ALIASES,
                Field("kind", length=30, names=("类型", "building")),
                Field("floors", "integer", names=("层数", "levels"), low=1, high=200),
                Field("street", "reference", 20, ("街道", "street_code"), column=False),
                Field("lane", "reference", 20, ("巷", "lane_code"), column=False),
                Field("community", "reference", 12, ("社区代码",), column=False),
                Field("households", "integer", names=("户数",), high=20_000, column=False),
                Field("residents", "integer", names=("人数",), high=60_000, column=False),
                Field("counted_on", "moment", names=("统计日期",), column=False),
                Field("counted_by", names=("统计来源",), column=False),
            ),
            search=("name", "address", "aliases"),
        ),
        Layer(
            "party_units",
            "layers_partyunit",
            Form.POINT,
            "place",
            (
                CODE,
                Field("name", names=NAME.names, required=True),
                ALIASES,
                Field("kind", names=("类型",), required=True, choices=dict(PartyUnit.Kind.choices)),
                Field("superior", length=120, names=("上级党组织",)),
                LNG,
                LAT,
            ),
            search=("name", "aliases"),
        ),
        Layer(
            "ground",
            "layers_ground",
            Form.AREA,
            "geom",
            (
                Field("kind", names=("类型",), required=True, choices=dict(Ground.Kind.choices)),
                NAME,
            ),
            key="",
            vertices=50_000,
        ),
        Layer(
            "stretches",
            "layers_stretch",
            Form.LINE,
            "centreline",
            (
                Field("code", length=30, names=CODE.names, required=True),
                Field("side", choices=dict(Stretch.Side.choices)),
                Field("start", names=("起点", "from")),
                Field("end", names=("终点", "to")),
                Field("interval_days", "integer", names=("间隔天数",), low=1, high=366),
                Field("street", "reference", 20, ("street_code",), column=False),
                Field("lane", "reference", 20, ("lane_code",), column=False),
                Field("anchor_lng", "place", column=False),
                Field("anchor_lat", "place", column=False),
            ),
        ),
        Layer(
            "incidents",
            "layers_incident",
            Form.POINT,
            "place",
            (
                Field("number", length=40, names=("编号", "id"), required=True),
                Field("title", length=120, names=("标题",)),
                Field("text", length=4000, names=("描述", "description")),
                Field("address", length=120, names=("地址", "block")),
                Field(
                    "category",
                    "reference",
                    60,
                    ("类别", "primary_type"),
                    required=True,
                    column=False,
                ),
                Field("source", choices=dict(Incident.Source.choices)),
                Field("state", choices=dict(State.choices)),
                Field("reported_at", "moment", names=("上报时间",), required=True),
                Field("closed_at", "moment", names=("结案时间",)),
                LNG,
                LAT,
            ),
            key="number",
            search=("title", "text", "address", "number"),
        ),
        Layer(
            "chiefs",
            "layers_chiefterm",
            Form.NONE,
            "",
            (
                Field(
                    "office",
                    names=("职务",),
                    required=True,
                    choices=dict(ChiefTerm.Office.choices),
                ),
                Field("object", length=60, names=("代码", "code"), required=True),
                Field("person", length=40, names=("姓名", "任职人", "name"), required=True),
                Field("relay_phone", length=30, names=("转接电话", "phone")),
                Field("standing", names=("身份",), choices=dict(ChiefTerm.Standing.choices)),
                Field("reason", names=("代理原因",), choices=dict(ChiefTerm.Reason.choices)),
                Field("since", "moment", names=("任期起", "from"), required=True),
                Field("until", "moment", names=("任期至", "to")),
            ),
            key="",
            vertices=0,
        ),
    )
}


@dataclass(frozen=True)
class LoadOptions:
    """How a file is to be understood.

    Attributes:
        names: our name of a value -> its column in the file.
        values: our name of a value -> what it is; with a name in ``names`` too, only where the
            column is empty.
        srid: EPSG number of the coordinates; None: what the file says.
        datum: wgs84, cgcs2000, gcj02 or bd09, of longitudes and latitudes.
        one_cell_each: communities only: every community becomes one cell as well.
        make_categories: incidents only: categories that are not there yet are made.
        make_people: chiefs only: people who are not there yet are written down.
        valid_from: since when new cells and codes are in force; None: from now.
        trusted: the operator vouches for the file: no cap on vertices.
        file_name, sha256: of the file, for the stored report.
        tell: called with the name of each step and the rows it went through.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)
    srid: int | None = None
    datum: str = "wgs84"
    one_cell_each: bool = False
    make_categories: bool = False
    make_people: bool = False
    valid_from: datetime | None = None
    trusted: bool = False
    file_name: str = ""
    sha256: str = ""
    tell: Callable[[str, int], None] = lambda _step, _rows: None
