"""Who answers, through HTTP: /api/ladder by building, address, place, past day; /feeds/where."""

from __future__ import annotations

import asyncio
import random
from datetime import timedelta
from urllib.parse import quote, urlencode

from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.gis.db.models.functions import PointOnSurface
from django.test import Client
from django.utils import timezone

from bench import pictures, serving
from bench.load import Http, press
from gridmap.layers import ticket
from gridmap.layers.places import Building
from gridmap.layers.postings import Posting, Role, scope_of
from gridmap.layers.territory import City

LIMIT = 50  # ms, of the 95th of a hundred answers, in a town of 10,000 buildings or more
SAMPLE = 2_000
SECONDS = 4.0


async def measure(port: int, bearer: str) -> None:  # noqa: ARG001 -- the town has its own bearer
    """Print p50 and p95 beside the limit."""
    houses, paths, cookies = await asyncio.to_thread(_prepared)
    print(f"\nladder: the whole ladder, one client, {SECONDS:.0f} s each, {houses} buildings")
    print("asked by | p50 ms | p95 ms | limit ms | processor ms in all | answers | errors")
    own = [serving.PIDS[port], *pictures.feeds()]
    for name, addresses in paths.items():
        client = Http(port, addresses, f"Cookie: {cookies}\r\n")
        await client.open()
        await press([client.ask], 1.0, len(addresses), 9)
        rate = await press([client.ask], SECONDS, len(addresses), 1, own)
        await client.close()
        print(
            f"{name} | {rate.wait(0.5):.1f} | {rate.wait(0.95):.1f} | {LIMIT} | "
            f"{rate.price:.1f} | {len(rate.waits)} | {rate.errors}",
            flush=True,
        )


def _prepared() -> tuple[int, dict[str, list[str]], str]:
    """Return how many buildings there are, what to ask, and the cookies of somebody who may."""
    city = City.objects.order_by("pk")[0]
    user, _ = User.objects.get_or_create(username="bench")
    if not Posting.objects.filter(user=user).exists():
        span = (timezone.now() - timedelta(days=9), None)
        Posting.objects.create(user=user, role=Role.LEADER, city=city, valid=span)
    visitor = Client()
    visitor.force_login(user)
    session = visitor.cookies[settings.SESSION_COOKIE_NAME].value
    cookies = f"{settings.SESSION_COOKIE_NAME}={session}; "
    cookies += f"gridmap_ticket={ticket.issue(scope_of(user.pk))}"
    rows = list(
        Building.objects.filter(city=city, cell__isnull=False)
        .annotate(inner=PointOnSurface("geom"))
        .values_list("pk", "address", "inner")
    )
    chosen = random.Random(1).sample(rows, min(SAMPLE, len(rows)))
    named = [address for _pk, address, _inner in chosen if address]
    places = [
        urlencode({"city": city.slug, "lng": f"{inner.x:.7f}", "lat": f"{inner.y:.7f}"})
        for _pk, _address, inner in chosen
    ]
    day = (timezone.now() - timedelta(days=200)).date().isoformat()
    paths = {
        "building": [f"/api/ladder?building={pk}" for pk, _address, _inner in chosen],
        "address": [f"/api/ladder?city={city.slug}&address={quote(name)}" for name in named],
        "place": [f"/api/ladder?{place}" for place in places],
        "building, 200 days ago": [
            f"/api/ladder?building={pk}&as_of={day}" for pk, _address, _inner in chosen
        ],
        "place, by the feed": [f"/feeds/where?{place}" for place in places],
    }
    return len(rows), {name: found for name, found in paths.items() if found}, cookies
