"""A beat as GPX, for walkers' own devices: what is due as places, stretches as tracks."""

from typing import Any
from xml.etree import ElementTree as ET

from gridmap.pages.pack_file import part

NAMESPACE = "http://www.topografix.com/GPX/1/1"
# Signs that XML cannot hold, however escaped.
UNPRINTABLE = dict.fromkeys(
    (
        *(code for code in range(32) if code not in {9, 10, 13}),
        *range(0xD800, 0xE000),
        0xFFFE,
        0xFFFF,
    )
)


def _text(parent: ET.Element, tag: str, text: str) -> None:
    ET.SubElement(parent, tag).text = text.translate(UNPRINTABLE)


def gpx(title: str, pocket: dict[str, Any]) -> bytes:
    """Return the file: every entrance and open case a waypoint, every stretch a track."""
    root = ET.Element("gpx", {"version": "1.1", "creator": "gridmap", "xmlns": NAMESPACE})
    _text(ET.SubElement(root, "metadata"), "name", title)
    houses = {house["id"]: house["address"] for house in pocket["buildings"]}
    for door in pocket["entrances"]:
        _place(root, door, houses.get(door["building"], ""), "")
    for case in pocket["incidents"]:
        _place(root, case, case["title"], case["category"])
    for stretch in pocket["stretches"]:
        track = ET.SubElement(root, "trk")
        _text(track, "name", stretch["name"] or stretch["code"])
        _text(track, "desc", part(stretch))
        segment = ET.SubElement(track, "trkseg")
        for lng, lat in stretch["shape"]:
            ET.SubElement(segment, "trkpt", {"lat": f"{lat}", "lon": f"{lng}"})
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


def _place(root: ET.Element, thing: dict[str, Any], name: str, kind: str) -> None:
    place = ET.SubElement(root, "wpt", {"lat": f"{thing['lat']}", "lon": f"{thing['lng']}"})
    _text(place, "name", name)
    if kind:
        _text(place, "type", kind)
