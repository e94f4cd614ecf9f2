"""A recorded walk is told as the stretches it went along, and leaves nothing behind."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from gridmap.layers.journal import Entry
from gridmap.layers.patrols import Visit
from gridmap.layers.territory import City
from tests import town as toy
from tests.sandboxed import needs_sandbox

BEGAN = datetime(2026, 9, 1, 1, 0, tzinfo=UTC)


def walk(*stops: tuple[float, float], seconds: int = 80) -> list[dict[str, Any]]:
    """Fixes on the way through some places, in metres of the toy town."""
    along = np.linspace(0, len(stops) - 1, seconds)
    east = np.interp(along, range(len(stops)), [stop[0] for stop in stops])
    north = np.interp(along, range(len(stops)), [stop[1] for stop in stops])
    fixes = []
    for second, (x, y) in enumerate(zip(east, north, strict=True)):
        place = toy.at(x, y)
        at = (BEGAN + timedelta(seconds=second)).isoformat()
        fixes.append({"lng": place.x, "lat": place.y, "at": at, "accuracy": 5})
    return fixes


def told(client: Client, fixes: list[dict[str, Any]], status: int = 200) -> dict[str, Any]:
    answer = client.post("/api/tracks", {"fixes": fixes}, "application/json")
    assert answer.status_code == status, answer.content
    return dict(answer.json())


def test_a_walk_down_a_lane_covers_both_its_sides(leader: Client) -> None:
    answer = told(leader, walk((100, 0), (100, 100)))
    named = [(one["name"], one["part"], one["side"]) for one in answer["stretches"]]
    assert named == [("榕树巷", "和平街–北端", "left"), ("榕树巷", "和平街–北端", "right")]
    left = datetime.fromisoformat(answer["stretches"][0]["at"])
    assert left - BEGAN == pytest.approx(timedelta(seconds=76), abs=timedelta(seconds=8))
    assert (answer["fixes"], answer["dropped"], answer["clock"]) == (80, {}, "good")


def test_who_keeps_to_one_side_has_seen_that_side(leader: Client) -> None:
    answer = told(leader, walk((88, 0), (88, 100)))
    assert [one["side"] for one in answer["stretches"]] == ["left"]


def test_the_same_recording_makes_the_same_keys_and_another_one_others(leader: Client) -> None:
    def keys(fixes: list[dict[str, Any]]) -> set[str]:
        return {one["client_id"] for one in told(leader, fixes)["stretches"]}

    once = keys(walk((100, 0), (100, 100)))
    assert len(once) == 2
    assert keys(walk((100, 0), (100, 100))) == once
    assert not keys(walk((100, 0), (100, 100), seconds=81)) & once


def test_nothing_is_kept_of_a_recording(leader: Client) -> None:
    entries = Entry.objects.count()
    with CaptureQueriesContext(connection) as asked:
        told(leader, walk((100, 0), (100, 100)))
    assert (Visit.objects.count(), Entry.objects.count()) == (0, entries)
    said = [query["sql"].split()[0] for query in asked]
    assert set(said) <= {"SELECT", "WITH", "SAVEPOINT", "RELEASE", "INSERT"}
    written = [query["sql"] for query in asked if query["sql"].startswith("INSERT")]
    assert all("layers_callrate" in sql or "rate" in sql for sql in written), written
    assert len(asked) <= 12


def test_a_clock_that_stands_still_leaves_the_time_to_the_sender(leader: Client) -> None:
    fixes = [{**fix, "at": "1901-12-13T20:45:52Z"} for fix in walk((100, 0), (100, 100))]
    answer = told(leader, fixes)
    assert answer["clock"] == "wrong"
    assert [one["at"] for one in answer["stretches"]] == [None, None]


@pytest.mark.parametrize(
    ("fixes", "status"),
    [
        ([], 400),
        ([{"lng": 117.6, "lat": 26.2}], 400),
        ([{"lng": 117.6, "lat": 260}, {"lng": 117.6, "lat": 26.2}], 400),
        ([{"lng": "x", "lat": 26.2}] * 2, 400),
        ([{"lng": 117.6, "lat": 26.2, "accuracy": -1}] * 2, 400),
        ([{"lng": 2.0, "lat": 48.0}] * 2, 404),
    ],
    ids=["none", "one", "no latitude", "no number", "no accuracy", "elsewhere"],
)
def test_what_is_no_recording_is_refused(leader: Client, fixes: list[Any], status: int) -> None:
    told(leader, fixes, status)


def test_who_has_no_post_learns_nothing(town: City, client: Client) -> None:
    assert client.post("/api/tracks", {"fixes": []}, "application/json").status_code == 401


def gpx(fixes: list[dict[str, Any]]) -> bytes:
    points = "".join(
        f'<trkpt lat="{fix["lat"]}" lon="{fix["lng"]}"><time>{fix["at"]}</time></trkpt>'
        for fix in fixes
    ).replace("+00:00", "Z")
    return (
        '<?xml version="1.0"?><gpx version="1.1" creator="t" '
        f'xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>{points}</trkseg></trk></gpx>'
    ).encode()


@needs_sandbox
def test_a_gpx_file_tells_the_same(leader: Client) -> None:
    fixes = walk((100, 0), (100, 100))
    sent = SimpleUploadedFile("walk.gpx", gpx(fixes))
    answer = leader.post("/api/tracks/file", {"file": sent})
    assert answer.status_code == 200, answer.content
    by_file, by_hand = answer.json(), told(leader, fixes)
    assert [(one["stretch"], one["at"]) for one in by_file["stretches"]] == [
        (one["stretch"], one["at"]) for one in by_hand["stretches"]
    ]


@needs_sandbox
@pytest.mark.parametrize(
    ("name", "content"),
    [("walk.gpx", b"no xml"), ("walk.exe", b"MZ"), ("walk.gpx", gpx([])), ("", b"")],
)
def test_a_file_that_is_no_recording_is_refused(leader: Client, name: str, content: bytes) -> None:
    files = {"file": SimpleUploadedFile(name, content)} if name else {}
    answer = leader.post("/api/tracks/file", files)
    assert answer.status_code == 400, answer.content
    assert answer.json()["message"]
