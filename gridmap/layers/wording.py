"""What a message says, to a group or a mailbox: words of ours, and names of the registers.

Names are made harmless first: in a group of 企业微信 a name must become neither bold, nor a link,
nor a mention, whatever somebody wrote into a register.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gridmap.layers.incidents import Light

# 企业微信 knows no way to write these as themselves: their wide sisters mean nothing to it.
WIDE = str.maketrans("*_`[]<>#~\\@&", "＊＿｀［］＜＞＃～＼＠＆")
# Bytes of UTF-8, as 企业微信 counts, by form of a message.
MOST = {"markdown": 4_096, "text": 2_048}
# Colours that 企业微信 has, by light: green, grey and orange.
COLOURS = {Light.OK: "info", Light.SOON: "warning", Light.LATE: "warning", Light.PARKED: "comment"}
NAMES = ("category", "place", "community", "department")
TAIL = "…"


def cut(text: str, most: int) -> str:
    """Return as many whole characters as fit into so many bytes of UTF-8, ``…`` where cut."""
    data = text.encode()
    if len(data) <= most:
        return text
    return data[: max(0, most - len(TAIL.encode()))].decode(errors="ignore") + TAIL


def harmless(name: str) -> str:
    """Return a name that is read as it is written: one line, no markup, no address."""
    return " ".join(name.translate(WIDE).split()).replace("://", "：//")


def said(body: Mapping[str, Any], form: str = "text") -> str:
    """Return a message, or a day's messages, as people read it, in the language of its channel.

    Args:
        body: `gridmap.layers.spreading.message`; ``told`` holds those of a day.
        form: one of `MOST`; what is too long for it loses the ends of names, never the link.
    """
    if "told" in body:
        return "\n\n".join(said(one, form) for one in body["told"])
    with translation.override(body.get("language", settings.LANGUAGE_CODE)):
        names = {key: harmless(str(body.get(key) or "")) for key in NAMES}
        whole = _lines(body, names, form)
        if len(whole.encode()) <= MOST[form]:
            return whole
        long = {key: TAIL for key, name in names.items() if name}
        room = MOST[form] - len(_lines(body, {**names, **long}, form).encode())
        each = room // max(1, len(long)) + len(TAIL.encode())
        return cut(_lines(body, {key: cut(names[key], each) for key in NAMES}, form), MOST[form])


def subject(body: Mapping[str, Any]) -> str:
    """Return the subject of a mail."""
    with translation.override(body.get("language", settings.LANGUAGE_CODE)):
        if "told" in body:
            n = len(body["told"])
            word = ngettext("%(day)s 通知 %(n)s 条", "%(day)s 通知 %(n)s 条", n)
            return word % {"day": body["day"], "n": n}
        return f"{body['word']} {body.get('number', body['community'])}"


def _lines(body: Mapping[str, Any], names: Mapping[str, str], form: str) -> str:
    rich = form == "markdown"
    head = " · ".join(filter(None, (str(body["word"]), names["category"])))
    light = _light_word(body)
    if rich:
        colour = COLOURS[body["light"]] if light else ""
        lines = [f"**{head}**" + (f' <font color="{colour}">{light}</font>' if light else "")]
    else:
        lines = [" · ".join(filter(None, (head, light)))]
    where = " · ".join(filter(None, (names["place"], names["community"])))
    facts = [
        (_("地点：%(what)s"), where),
        (_("部门：%(what)s"), names["department"]),
        (_("期限：%(what)s"), _due(body)),
    ]
    mark = "> " if rich else ""
    lines += [mark + word % {"what": what} for word, what in facts if what]
    return "\n".join(filter(None, [*lines, *_way_back(body, rich=rich)]))


def _light_word(body: Mapping[str, Any]) -> str:
    """Return the light in a word, unless that is what the message is about or it is over."""
    light = body.get("light")
    word = _(str(Light(light).label)) if light else ""
    return "" if word == body["word"] else word


def _due(body: Mapping[str, Any]) -> str:
    if not body.get("due"):
        return ""
    due = datetime.fromisoformat(body["due"]).astimezone(ZoneInfo(settings.TIME_ZONE))
    return f"{due:%m-%d %H:%M}"


def _way_back(body: Mapping[str, Any], *, rich: bool) -> list[str]:
    """Return the number and the address of a case; where the site has none, the number."""
    number = body.get("number", "")
    if not settings.PUBLIC_URL:
        return [number]
    link = settings.PUBLIC_URL.rstrip("/") + body["path"]
    if rich:
        word = _("打开 %(number)s") % {"number": number} if number else _("打开通知")
        return [f"[{word}]({link})"]
    return [number, link]
