"""Names of places for those who read no Chinese."""

from django.test import Client

from gridmap.layers.names import english_names
from gridmap.layers.places import Building
from gridmap.layers.scope import Scope
from tests import town as toy


def test_every_name_of_the_town_is_spelled_once(leader: Client) -> None:
    Building.objects.filter(code="B1").update(name="明珠花园 5 幢")
    Building.objects.filter(code="B2").update(name="明珠花园 6 幢")
    names = leader.get("/api/names?city=toy").json()["names"]
    assert names["榕树巷"] == "Rongshu Xiang"
    assert names["甲社区"] == "Jia Community"
    assert names["第一网格"] == "Cell 1"
    assert names["甲社区巡防队"] == "Jia Community Patrol Team"
    assert names["玩具城"] == "Toy town", "a city says itself how it is called"
    assert [name for name in names if "明珠" in name] == ["明珠花园"]
    assert not any("林" in name for name in names), "persons are no places"


def test_a_browser_that_has_the_names_is_not_sent_them_again(leader: Client) -> None:
    tag = leader.get("/api/names?city=toy").headers["ETag"]
    assert leader.get("/api/names?city=toy", headers={"if-none-match": tag}).status_code == 304


def test_names_are_told_where_one_works(leader: Client) -> None:
    assert "榕树巷" in english_names(toy.eyes("wang", "A"), toy.city())
    assert set(english_names(Scope(999_999), toy.city())) == {"玩具城"}
    assert leader.get("/api/names?city=elsewhere").status_code == 404
