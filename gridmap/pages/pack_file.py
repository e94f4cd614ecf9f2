"""The beat pack: one HTML file with map, lists, queue and return, opened from file:// offline.

What makes it whole stands in `gridmap.pages.one_file`. Names of the beat reach the page as text set
by our script, out of a block of JSON in which no tag can end, or escaped before folium sees them.
"""

from __future__ import annotations

import base64
from datetime import datetime
from html import escape

import folium
from django.utils.html import json_script
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gridmap.layers.packs import BeatPack
from gridmap.pages.light_map import FRESHNESS, FRESHNESS_DASH, GROUND, INK, LEAFLET
from gridmap.pages.one_file import (
    Drawn,
    OneFileMap,
    Shapes,
    document,
    drawing,
    features,
    inlined_script,
    inlined_style,
    map_scripts,
    said,
)

QRCODE = "vendor/qrcode-generator-2.0.4/qrcode.js"


def _layer(page: OneFileMap, shapes: Shapes, style: Drawn) -> folium.GeoJson:
    layer = folium.GeoJson(features(shapes), style_function=lambda _drawn: style)
    if shapes:
        layer.add_to(page)
    return layer


def _draw(page: OneFileMap, pocket: Drawn) -> Drawn:
    """Draw the beat, quiet things first; return the names under which the script finds layers."""
    cells: Shapes = [("MultiPolygon", cell["shape"], {}) for cell in pocket["cells"]]
    _layer(page, cells, {"stroke": False, "fillColor": "#ffffff", "fillOpacity": 1})
    for kind, colour in GROUND.items():
        parts: Shapes = [
            ("MultiPolygon", g["shape"], {}) for g in pocket["ground"] if g["kind"] == kind
        ]
        _layer(page, parts, {"stroke": False, "fillColor": colour, "fillOpacity": 1})
    houses: Shapes = [("MultiPolygon", house["shape"], {}) for house in pocket["buildings"]]
    edge = {"color": "#8c8c8c", "weight": 0.7, "fillColor": "#e3e3e3", "fillOpacity": 1}
    _layer(page, houses, edge)
    ways: Shapes = [("MultiLineString", way["shape"], {}) for way in pocket["ways"]]
    _layer(page, ways, {"color": "#a2a2a2", "weight": 1.4, "fill": False})
    _layer(page, cells, {"color": INK, "weight": 2.4, "fill": False})
    names = {"map": page.get_name(), "colours": FRESHNESS, "dashes": FRESHNESS_DASH}
    stretches = folium.GeoJson(
        features(
            [
                (
                    "LineString",
                    one["shape"],
                    {"ident": one["id"], "words": said(one["name"] or one["code"], part(one))},
                )
                for one in pocket["stretches"]
            ]
        ),
        style_function=lambda _drawn: {"color": FRESHNESS[6], "weight": 7, "fill": False},
        popup=folium.GeoJsonPopup(fields=["words"], labels=False) if pocket["stretches"] else None,
    )
    if pocket["stretches"]:
        stretches.add_to(page)
        names["stretches"] = stretches.get_name()
    signs = [
        (
            "Point",
            [one["lng"], one["lat"]],
            {"words": said(one["title"], one["address"], one["category"])},
        )
        for one in pocket["incidents"]
    ]
    if signs:
        folium.GeoJson(
            features(signs),
            marker=folium.CircleMarker(radius=8, color=INK, fill_color="#e69f00", fill_opacity=1),
            popup=folium.GeoJsonPopup(fields=["words"], labels=False),
        ).add_to(page)
    return names


def part(stretch: Drawn) -> str:
    """Return which part of its lane a stretch is, in words."""
    start, end = stretch["start"], stretch["end"]
    between = _("%(a)s至%(b)s") % {"a": start, "b": end} if start and end else start or end
    side = {"left": _("左侧"), "right": _("右侧")}.get(stretch["side"], "")
    return " · ".join(text for text in (between, side) if text)


def _words() -> dict[str, str]:
    """What the pack's script says, in the language the pack is made in."""
    return {
        "walked": _("走过了"), "seen": _("看过了"), "undo": _("撤销"), "never": _("没有记录"),
        "due": _("今天到期"), "today": _("今天走过"), "days": _("{n} 天没走"),
        "every": _("每 {n} 天"), "metres": _("{n} 米"), "before": _("{n} 天前走过"),
        "lanes": _("巷段"), "doors": _("入口"), "cases": _("事件"), "list": _("清单"),
        "report": _("报事"), "back": _("交回"), "find": _("门牌号或地址"),
        "none": _("没有"), "kind": _("是什么事"), "text": _("说几句"), "keep": _("记下"),
        "where": _("地点：地图中央的十字"), "kept": _("已记下 {n} 条，存在这台手机里"),
        "nothing": _("还没有记下什么。"), "copy": _("复制文字码"), "copied": _("已复制"),
        "save": _("存成文件"), "show": _("用二维码交回"), "frame": _("第 {i} 张，共 {n} 张"),
        "next": _("下一张"), "ended": _("这个离线包已过期，结果不能再导入。请领一个新的。"),
        "how": _("把文字码或文件交给社区，在“交回结果”页粘贴、上传或扫码。重复交回不会重复记。"),
        "private": _("这个文件里没有居民和上报人的信息。请只给本队的人用，用完删除。"),
        "lost": _("这台手机不让网页存东西：请不要关掉这一页，做完马上交回。"),
        "until": _("有效到 {when}"),
    }  # fmt: skip


def _told(pack: BeatPack, pocket: Drawn, names: Drawn, checklist: list[Drawn]) -> Drawn:
    """What the pack's script needs; names of places, never of people."""
    houses = {house["id"]: house for house in pocket["buildings"]}
    return {
        "pack": base64.urlsafe_b64encode(pack.uid.bytes).decode().rstrip("="),
        "secret": base64.b64encode(pack.secret).decode("ascii"),
        "title": pack.title,
        "until": pack.until.isoformat(),
        "map": names,
        "words": _words(),
        "stretches": [
            {
                "id": one["id"],
                "name": one["name"] or one["code"],
                "part": part(one),
                "every": one["interval"],
                "seen": one["seen"],
                "metres": int(one["metres"]),
            }
            for one in pocket["stretches"]
        ],
        "doors": [
            {
                "id": one["id"],
                "name": houses[one["building"]]["address"] if one["building"] in houses else "",
                "seq": one["seq"],
                "every": one["interval"],
                "seen": one["seen"],
            }
            for one in pocket["entrances"]
        ],
        "cases": [
            {"title": one["title"], "where": one["address"], "kind": one["category"]}
            for one in pocket["incidents"]
        ],
        "kinds": [[one["code"], one["name"]] for one in pocket["categories"]],
        "checks": [one["text"] for one in checklist],
    }


def pack_file(
    pack: BeatPack, pocket: Drawn, checklist: list[Drawn], *, now: datetime, demo: bool
) -> str:
    """Return the whole file.

    Args:
        pack: which; its secret stands in the file.
        pocket: the beat (`gridmap.layers.pocket`).
        checklist: what to look at.
        now: when it is made.
        demo: whether the city is a demo.

    Raises:
        ValueError: the file would ask for something outside itself, or is too large.
    """
    page = OneFileMap(pocket["bbox"], furthest=12)
    names = _draw(page, pocket)
    div, scripts = drawing(page)
    count = ngettext("%(n)s 段", "%(n)s 段", len(pocket["stretches"]))
    made = _("%(day)s 制作") % {"day": f"{now:%F}"}
    title = (
        f"<header><h1>{escape(pack.title)}</h1><p>{escape(count % {'n': len(pocket['stretches'])})}"
        f" · {escape(made)}{' · ' + escape(_('演示数据')) if demo else ''}"
        ' · <span id="until"></span></p></header>'
    )
    return document(
        pack.title,
        [
            inlined_style(f"{LEAFLET}/leaflet.css") + inlined_style("gridmap/beat/pack.css"),
            f"#{page.get_name()}{{position:absolute;inset:0}}",
        ],
        [
            title, '<div id="map">', div, '<i id="cross"></i></div><main id="app"></main>',
            inlined_script(QRCODE), *map_scripts(scripts),
            str(json_script(_told(pack, pocket, names, checklist), "told")),
            inlined_script("gridmap/beat/pack.js"),
        ],
    )  # fmt: skip
