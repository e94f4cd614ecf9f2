"""Visits noted later: a recorded walk from a file, and a signed sheet of paper typed in."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from gridmap.layers.patrols import Visit
from gridmap.layers.places import Entrance, Stretch
from gridmap.layers.postings import Role
from gridmap.layers.territory import City
from tests import town as toy
from tests.api.test_tracks import gpx, walk
from tests.sandboxed import needs_sandbox


@pytest.fixture
def wang(town: City) -> Client:
    """A cadre of community A."""
    client = Client()
    client.force_login(toy.posted("wang", "A"))
    return client


def page(client: Client, query: str = "") -> str:
    answer = client.get(f"/patrols/note{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def sheet(**more: object) -> dict[str, object]:
    """What is typed from a sheet: one lane side, and a door at which something was noticed."""
    side = Stretch.objects.filter(cell=toy.cell("A", 1)).order_by("pk")[0]
    door = Entrance.objects.get(building__code="B1")
    return {
        "deed": "paper", "batch": str(uuid4()), "at": f"{timezone.localtime():%Y-%m-%dT%H:%M}",
        "place": [f"stretch {side.pk}", f"entrance {door.pk}"],
        f"note entrance {door.pk}": "楼道灯不亮", **more,
    }  # fmt: skip


def test_a_sheet_is_typed_in_once_however_often_it_is_sent(wang: Client) -> None:
    assert "从签过字的纸质表" in page(wang)
    typed = sheet()
    answer = wang.post("/patrols/note", typed, follow=True)
    assert "共 2 处：新记下 2 处" in answer.content.decode()
    noted = Visit.objects.order_by("pk")
    assert [(visit.source, visit.note) for visit in noted] == [
        ("paper", ""), ("paper", "楼道灯不亮"),
    ]  # fmt: skip
    answer = wang.post("/patrols/note", typed, follow=True)
    assert "早已有 2 处" in answer.content.decode()
    assert Visit.objects.count() == 2


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"at": ""}, "请填写日期和时间"),
        ({"at": "gestern"}, "请填写日期和时间"),
        ({"batch": "x"}, "表单不完整"),
        ({"place": ["moon 1"]}, "表单不完整"),
        ({"place": []}, "一次记 1 到"),
    ],
)
def test_a_torn_form_is_refused_and_what_was_ticked_stays(
    wang: Client, more: dict[str, object], words: str
) -> None:
    typed = sheet(**more)
    answer = wang.post("/patrols/note", typed)
    assert answer.status_code == 422
    told = answer.content.decode()
    assert words in told
    if "place" not in more:
        assert len(re.findall(r'name="place"[^>]*checked', told)) == 2
    assert not Visit.objects.exists()


def test_what_is_not_ones_own_or_too_old_is_told_and_not_noted(wang: Client) -> None:
    away = Entrance.objects.get(building__code="B3")
    answer = wang.post("/patrols/note", sheet(place=[f"entrance {away.pk}"]), follow=True)
    told = answer.content.decode()
    assert "没收下 1 处" in told
    assert "不在您的范围内" in told
    old = f"{timezone.localtime() - timedelta(days=100):%Y-%m-%dT%H:%M}"
    answer = wang.post("/patrols/note", sheet(at=old), follow=True)
    assert "没收下 2 处" in answer.content.decode()
    assert not Visit.objects.exists()


@needs_sandbox
def test_a_recorded_walk_is_shown_before_it_is_noted(wang: Client) -> None:
    file = SimpleUploadedFile("walk.gpx", gpx(walk((100, 0), (100, 100))))
    answer = wang.post("/patrols/note", {"deed": "hear", "file": file})
    told = answer.content.decode()
    assert "算走过 2 段" in told
    assert "轨迹有 80 个点" in told
    assert not Visit.objects.exists()
    walks = re.findall(r'name="walk" value="([^"]+)"', told)
    assert len(walks) == 2
    for _ in "ab":
        answer = wang.post("/patrols/note", {"deed": "track", "walk": walks[:1]}, follow=True)
    assert "早已有 1 处" in answer.content.decode()
    assert [visit.source for visit in Visit.objects.all()] == ["track"]


@needs_sandbox
def test_a_file_that_is_no_track_is_refused(wang: Client) -> None:
    for name, body in (("walk.gpx", b"<gpx"), ("walk.exe", b"x")):
        file = SimpleUploadedFile(name, body)
        assert wang.post("/patrols/note", {"deed": "hear", "file": file}).status_code == 422
    assert wang.post("/patrols/note", {"deed": "hear"}).status_code == 422
    assert wang.post("/patrols/note", {"deed": "track", "walk": "1 x"}).status_code == 422


def test_who_notes_no_visits_does_not_find_the_page(town: City, client: Client) -> None:
    client.force_login(toy.posted("gu", role=Role.PLANNER))
    assert client.get("/patrols/note").status_code == 404
    assert client.post("/patrols/note", {"deed": "paper"}).status_code == 404
