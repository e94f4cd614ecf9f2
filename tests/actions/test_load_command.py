"""The operator's command: a dry run first, then --commit; it says what it refused and why."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from gridmap.errors import UntrustedFile
from gridmap.geo import sandbox
from gridmap.layers.places import Building, Street
from gridmap.layers.territory import City
from tests import town as toy
from tests.sandboxed import needs_sandbox

pytestmark = needs_sandbox


def run(*arguments: str) -> str:
    printed = StringIO()
    call_command("load_layer", *arguments, stdout=printed)
    return printed.getvalue()


@pytest.fixture
def buildings(tmp_path: Path) -> str:
    """Three buildings of the toy town, one of them outside of it."""
    features = [
        {
            "type": "Feature",
            "properties": {"楼号": f"N{east}", "name": "重化大楼"},
            "geometry": json.loads(toy.ring(east, 20, 10, 10).geojson),
        }
        for east in (10, 30, 900)
    ]
    path = tmp_path / "楼栋 1.geojson"
    path.write_text(
        json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)
    )
    return str(path)


def test_without_commit_nothing_is_written_and_every_refused_row_is_named(
    town: City, buildings: str
) -> None:
    printed = run("buildings", buildings, "--city", "toy", "--map", "楼号=code")
    assert "试运行" in printed
    assert "读到 3\n  新增 2\n  更改 0\n  不变 0\n  拒收 1" in printed
    assert "outside_city × 1\n  第 3 行 超出本城市的服务范围 (117.62" in printed
    assert Building.objects.count() == 4


def test_with_commit_it_is_written(
    town: City, buildings: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run("buildings", buildings, "--city", "toy", "--map", "楼号=code", "--commit")
    assert Building.objects.filter(code__in=["N10", "N30"]).count() == 2
    assert "每秒" in capsys.readouterr().err


def test_the_report_speaks_english_if_asked_to(town: City, buildings: str) -> None:
    printed = run("buildings", buildings, "--city", "toy", "--language", "en")
    assert "nothing was written" in printed
    with pytest.raises(CommandError, match="no city"):
        run("buildings", buildings, "--city", "nowhere", "--language", "en")


def test_programs_get_json(town: City, buildings: str) -> None:
    report = json.loads(run("buildings", buildings, "--city", "toy", "--json"))
    assert (report["added"], report["refused"], report["committed"]) == (2, 1, False)
    assert report["problems"][0]["code"] == "outside_city"
    assert report["problems"][0]["row"] == 3


def test_a_city_is_made_around_the_file(db: None, buildings: str) -> None:
    wish = ["buildings", buildings, "--city", "new", "--make-city", "新城"]
    run(*wish)
    assert not City.objects.filter(slug="new").exists(), "a dry run makes no city"
    run(*wish, "--city-code", "350499", "--commit")
    city = City.objects.get(slug="new")
    assert (city.code, city.metric_srid, city.name) == ("350499", 4548, "新城")
    west, south, east, north = city.bounds.extent
    drawn = toy.ring(10, 20, 900, 10).extent
    assert (drawn[1] - south) * 111_320 == pytest.approx(2000, abs=5)
    assert west < drawn[0] < drawn[2] < east
    assert north > drawn[3]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--city", "nowhere"], "没有名为 nowhere 的城市"),
        (["--city", "toy", "--where", "floors=3"], "没有“floors”列"),
        (["--city", "toy", "--map", "name"], "--map"),
        (["--city", "toy", "--map", "楼号=x"], "没有“x”这一项"),
        (["--city", "toy", "--valid-from", "someday"], "--valid-from"),
        (["--city", "toy", "--encoding", "klingon"], "没有名为 klingon 的编码"),
        (["--city", "toy", "--srid", "4548", "--datum", "bd09"], "只能是经纬度"),
        (["--city", "a b", "--make-city", "坏名"], "不能新建城市"),
    ],
)
def test_a_wish_that_cannot_be_granted_says_what_to_do(
    town: City, buildings: str, arguments: list[str], words: str
) -> None:
    with pytest.raises(CommandError, match=words):
        run("buildings", buildings, *arguments)


def test_a_map_may_be_written_either_way_round(town: City, buildings: str) -> None:
    run("buildings", buildings, "--city", "toy", "--map", "code=楼号", "--commit")
    assert Building.objects.filter(code="N10").exists()


def test_a_recorded_walk_becomes_streets_only_if_that_is_asked_for(
    town: City, tmp_path: Path
) -> None:
    places = [toy.at(10, 50), toy.at(90, 50)]
    points = "".join(f'<trkpt lat="{place.y}" lon="{place.x}"/>' for place in places)
    path = tmp_path / "walk.gpx"
    path.write_text(
        '<?xml version="1.0"?><gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1">'
        f"<trk><name>新路</name><trkseg>{points}</trkseg></trk></gpx>",
        encoding="utf-8",
    )
    with pytest.raises(CommandError, match="GPX"):
        run("buildings", str(path), "--city", "toy")
    run("streets", str(path), "--city", "toy", "--source-layer", "tracks", "--commit")
    assert Street.objects.get(name="新路").derived == "polygon"


def test_without_a_sandbox_a_file_must_be_vouched_for(
    town: City, buildings: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox, "sandbox_fault", lambda: UntrustedFile("没有 bwrap；--trust-file"))
    with pytest.raises(CommandError, match=r"bwrap.*--trust-file"):
        run("buildings", buildings, "--city", "toy")
    assert "新增 2" in run("buildings", buildings, "--city", "toy", "--trust-file")


def test_an_empty_city_is_added_by_its_own_command(db: None) -> None:
    printed = StringIO()
    box = ["117.5", "26.2", "117.8", "26.4"]
    call_command(
        "add_city", "sanyuan", "三元区", "--bbox", *box, "--code", "350404", stdout=printed
    )
    assert "EPSG:4548" in printed.getvalue()
    assert City.objects.get(slug="sanyuan").code == "350404"
    with pytest.raises(CommandError, match="不能新建城市"):
        call_command("add_city", "sanyuan", "三元区", "--bbox", *box)
