"""Sheets of 12345 orders in the demo town: the trial and the filing, beside one order at a time.

Everything goes through the page, as a browser has it: the sheet is uploaded and read, the orders
are filed in its signed portions. How many are filed is told for one core, by the processor that
page and database spend: seconds say more of what else the machine does. Beside the trial the same
orders are heard one by one; beside the filing cases whose place and category are known already are
reported one by one through the API.
"""

from __future__ import annotations

import json
import os
import random
import re
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from html import unescape
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from bench.processor import spent
from gridmap.geo.workbook import Sheet, workbook
from gridmap.layers.hotline import Order, read_orders
from gridmap.layers.incidents import Incident
from gridmap.layers.places import Building
from gridmap.layers.postings import scope_of
from gridmap.layers.territory import City
from gridmap.pages.hotline import PORTION

SIZES = (200, 500)
TRIAL, A_SECOND = 10.0, 10.0  # seconds for 500 orders at most; filed a second of a core at least
ALONE = 50  # orders of each peer
SEED = 7
SHARES = (9, 4, 4, 2, 1)
HEADS = {
    "工单编号": "number", "诉求内容": "text", "诉求类别": "category", "事发地址": "address",
    "经度": "lng", "纬度": "lat",
}  # fmt: skip
COMPLAINTS = Path(__file__).resolve().parents[1] / "tests/geo/messages.json"
LONG = (
    "市民来电反映：{where}{what}，已经持续多日，多次联系物业和社区，都说会处理，至今没有结果。"
    "附近老人和孩子较多，进出很不方便，晚上更加危险，天气一热味道也大。"
    "市民希望相关部门尽快到现场核实情况，明确责任，限期整改，并把处理结果回复给来电人。"
)


def sheet(name: str, size: int) -> list[list[Any]]:
    """Return seeded orders, no two of the same words.

    Of twenty: nine with an address, as most sheets have it, four that tell theirs in long words,
    four of few words as in a chat, two with coordinates, and one of no place.
    """
    chance = random.Random(SEED + size)
    messages = json.loads(COMPLAINTS.read_text(encoding="utf-8"))
    houses = list(Building.objects.filter(city__demo=True).exclude(address="").order_by("code"))
    orders: list[list[Any]] = []
    for number in range(size):
        house, message = chance.choice(houses), chance.choice(messages)
        kind, told = message["category"], f"{message['category']}，第 {number} 次"
        address, place = house.address.replace(" ", ""), house.geom.point_on_surface
        sorts = [
            [LONG.format(where="", what=told), kind, address, None, None],
            [LONG.format(where=f"{address}附近", what=told), None, None, None, None],
            [f"{message['text']}（{number}）", None, None, None, None],
            [told, kind, address, place.x, place.y],
            [LONG.format(where="家门口", what=told), kind, "门口", None, None],
        ]
        (row,) = chance.choices(sorts, weights=SHARES)
        orders.append([f"{name}-{number:03}", *row])
    return orders


def measure() -> None:
    """Print seconds, and orders a second of one core, beside their limits and the peers."""
    settings.DEBUG = False  # no list of all queries is kept
    city = City.objects.get(demo=True)
    client = Client(headers={"host": "localhost"})
    client.force_login(User.objects.get(username="leader"))
    run = f"{time.time():.0f}"
    tried(client, sheet(f"{run}-warm", 5))  # what a process reads once, it has read
    print(f"\norders: the demo town, in portions of {PORTION}")
    print("what | orders | s (most) | s of processor | orders a second of one core (least)")
    for size in SIZES:
        rows = sheet(f"{run}-{size}", size)
        page = timed("trial", size, partial(tried, client, rows), most=TRIAL * size / 500)
        portions = [unescape(one) for one in re.findall(r'name="orders" value="([^"]+)"', page)]
        sound = page.count('data-state="ready"')
        timed("filing", sound, partial(filed, client, portions), least=A_SECOND)
        kept = Incident.objects.filter(title__contains=f"（工单 {run}-{size}-").count()
        if kept != sound:
            sys.exit(f"{sound} orders were to be filed, {kept} are cases")
    peers(client, city, run)


def peers(client: Client, city: City, run: str) -> None:
    """Print the same work one order at a time."""
    scope = scope_of(User.objects.get(username="leader").pk)
    rows = sheet(f"{run}-alone", ALONE)
    told = [dict(zip(HEADS.values(), row, strict=True)) for row in rows]
    orders = [
        Order(n, **{name: str(value or "") for name, value in row.items()})
        for n, row in enumerate(told, start=2)
    ]
    timed("peer: heard one by one", ALONE, lambda: [read_orders(scope, city, [o]) for o in orders])
    reports = [
        {
            "place": json.loads(one.point.geojson),
            "title": one.title,
            "text": one.order.text,
            "category": one.category.code,
            "city": city.slug,
            "source": "hotline",
        }
        for one in read_orders(scope, city, orders)
        if one.point and one.category
    ]
    timed("peer: POST /api/incidents", len(reports), lambda: reported(client, reports))


def timed(
    name: str, size: int, work: Callable[[], Any], *, most: float = 0, least: float = 0
) -> Any:
    """Do it, print what it took beside its limits, and return what it returned."""
    busy = [os.getpid(), _backend()]
    before, start = spent(busy), time.perf_counter()
    done = work()
    took, used = time.perf_counter() - start, (spent(busy) - before) / 1000
    limits = (f" ({most:g})" if most else "", f" ({least:g})" if least else "")
    rate = size / max(used, 1e-3)
    told = (name, size, f"{took:.2f}{limits[0]}", f"{used:.2f}", f"{rate:.0f}{limits[1]}")
    print(*told, sep=" | ", flush=True)
    return done


def _backend() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def tried(client: Client, rows: Sequence[Sequence[Any]]) -> str:
    """Upload a sheet; return the page that tells what its orders would become."""
    file = workbook(Sheet("工单", list(HEADS), [list(row) for row in rows]))
    answer = client.post("/desk/orders", {"file": SimpleUploadedFile("orders.xlsx", file)})
    if answer.status_code != 200:  # noqa: PLR2004
        sys.exit(f"the trial was answered with {answer.status_code}")
    return answer.content.decode()


def filed(client: Client, portions: Sequence[str]) -> None:
    """File the portions one after the other, as the page does."""
    for portion in portions:
        answer = client.post("/desk/orders", {"orders": portion})
        if answer.status_code != 200:  # noqa: PLR2004
            sys.exit(f"a portion was answered with {answer.status_code}")


def reported(client: Client, reports: Sequence[dict[str, Any]]) -> None:
    """Report cases one by one."""
    for report in reports:
        answer = client.post("/api/incidents", report, content_type="application/json")
        if answer.status_code != 201:  # noqa: PLR2004
            sys.exit(f"a report was answered with {answer.status_code}: {answer.content!r:.200}")
