"""Odd texts come back as they went in, from the reports of people to the lists of programs."""

import orjson
import pytest
from asgiref.sync import async_to_sync
from django.test import AsyncClient, Client

from gridmap.layers.incidents import Incident
from gridmap.layers.territory import City
from tests import town as toy
from tests.api.test_report import send, told

NAUGHTY = [
    "<script>alert(1)</script>",
    "${alert(1)}",
    "{{ 7*7 }}",
    "'; DROP TABLE layers_incident; --",
    "%s %(name)s %%",
    '=HYPERLINK("http://127.0.0.1")',
    "\u202eright to left",
    "a\u0300 ﷽ 𠮷野家 👨‍👩‍👧",
    "\\u0000 written out",
    '"quoted" \\ / \b \f \t end',
    "../../etc/passwd",
    "﻿byte order mark",
    "\U0010ffff",
    "null",
]


def test_a_text_comes_back_as_it_went_in(leader: Client) -> None:
    sent: dict[int, tuple[str, str]] = {}
    for text in NAUGHTY:
        answer = send(leader, told(text=text, title=text))
        assert answer.status_code == 201, (text, answer.content)
        sent[answer.json()["id"]] = (text, text)
    assert Incident.objects.count() == len(NAUGHTY)
    listed = leader.get("/api/incidents?page_size=5000&fields=title,text").json()["features"]
    file = leader.get("/api/incidents?all=true&fields=title,text")
    streamed = orjson.loads(b"".join(file.streaming_content))["features"]  # type: ignore[attr-defined]
    for features in (listed, streamed):
        told_back = {f["id"]: (f["properties"]["title"], f["properties"]["text"]) for f in features}
        assert told_back == sent


def test_an_odd_text_can_be_looked_for(leader: Client) -> None:
    for text in NAUGHTY:
        for address in ("/api/search", "/api/buildings"):
            name = "q" if address.endswith("search") else "code"
            answer = leader.get(address, {"city": "toy", name: text})
            assert answer.status_code == 200, (text, answer.content)


@pytest.mark.filterwarnings("error")
def test_a_file_is_streamed_without_blocking_the_server(town: City) -> None:
    user = toy.posted("leader")

    async def fetch() -> tuple[bool, bytes]:
        client = AsyncClient()
        await client.aforce_login(user)
        answer = await client.get("/api/buildings?all=true&fields=code")
        pieces = [piece async for piece in answer.streaming_content]  # type: ignore[attr-defined]
        return answer.is_async, b"".join(pieces)  # type: ignore[attr-defined]

    apart, body = async_to_sync(fetch)()
    assert apart
    assert len(orjson.loads(body)["features"]) == 4
