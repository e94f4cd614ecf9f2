"""The light map: the same figures without WebGL2, every word escaped, nothing from elsewhere."""

import html
import json
import re

import pytest
from django.test import Client
from django.urls import reverse

from gridmap.layers.people import Team
from gridmap.layers.places import Building, Lane, PartyUnit
from gridmap.layers.territory import CellEdition, City
from gridmap.pages import light_map
from tests import town as toy

OVERLAYS = ["incidents", "coverage", "chiefs", "party"]
ATTACK = "<img src=x onerror=alert(1)>${alert(2)}`</script>"


@pytest.fixture
def wang(client: Client, town: City) -> Client:
    """Somebody posted to community A, signed in."""
    client.force_login(toy.posted("wang", "A"))
    return client


def body(client: Client, name: str = "light", **query: str | int) -> str:
    answer = client.get(reverse(name), query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_who_is_not_signed_in_is_led_to_the_door(client: Client, town: City) -> None:
    answer = client.get(reverse("light"))
    assert (answer.status_code, answer.headers["Location"].split("?")[0]) == (302, "/sign-in")


def test_the_list_tells_the_figures_of_every_cell(wang: Client) -> None:
    toy.incident(50, 50)
    toy.incident(150, 50, title="井盖破损")
    with_values = body(wang)
    assert "甲社区" in with_values
    assert "第一网格" in with_values
    assert "第二网格" in with_values
    assert "井盖破损" in with_values
    assert "乙社区" not in with_values


def test_a_chosen_cell_shows_its_card(wang: Client) -> None:
    page = body(wang, cell=toy.cell("A", 1).pk)
    assert "350404001001<b>001</b>" in page
    assert "甲社区巡防队" in page
    assert re.search(r"<dd>\s*100\s*</dd>", page)  # households of building 1


@pytest.mark.parametrize(
    "query", [{"community": "B"}, {"cell": "B"}, {"community": "0"}, {"cell": "99999999"}], ids=str
)
def test_what_is_not_mine_is_not_there(wang: Client, query: dict[str, str]) -> None:
    known = {"community": toy.community("B").pk, "cell": toy.cell("B", 1).pk}
    asked = {key: known[key] if value == "B" else value for key, value in query.items()}
    assert wang.get(reverse("light"), asked).status_code == 404
    assert wang.get(reverse("light-map"), asked).status_code == 404


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_the_drawing_asks_nobody_but_us(wang: Client, overlay: str) -> None:
    drawing = body(wang, "light-map", overlay=overlay)
    asked = re.findall(r'(?:src|href)="([^"#]+)"', drawing)
    assert asked
    assert [address for address in asked if not address.startswith("/")] == []
    assert json.dumps("第一网格")[1:-1] in drawing


def test_the_drawing_is_shut_in_a_sandbox(wang: Client) -> None:
    policy = wang.get(reverse("light-map")).headers["Content-Security-Policy"]
    assert policy.startswith("sandbox allow-scripts")
    assert "allow-same-origin" not in policy
    assert "http" not in policy


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_no_name_becomes_script(wang: Client, overlay: str) -> None:
    toy.incident(50, 50, title=ATTACK)
    CellEdition.objects.filter(code="350404001001001").update(name=ATTACK)
    for things in (Building.objects, Lane.objects, PartyUnit.objects):
        things.update(name=ATTACK)
    Team.objects.update(name=ATTACK)
    PartyUnit.objects.update(place=toy.at(20, 20))
    drawing = body(wang, "light-map", overlay=overlay)
    assert "<img src=x" not in drawing
    assert "`</script>" not in drawing
    assert "<img src=x" not in body(wang, overlay=overlay, cell=toy.cell("A", 1).pk)


TEMPLATES = ["{{ 7*191 }}", "{% for i in range(3) %}many{% endfor %}", "{#gone#}", "{{", "{%"]
LAND = json.dumps(
    {
        "type": "Polygon",
        "coordinates": [[[117.6, 26.2], [117.61, 26.2], [117.6, 26.21], [117.6, 26.2]]],
    }
)


def drawing(text: str) -> str:
    shape = light_map.Shape(LAND, name=text, note=text)
    return light_map.draw(light_map.Sheet("incidents", (117.6, 26.2, 117.61, 26.21), [shape]))


@pytest.mark.parametrize("text", TEMPLATES)
def test_no_name_is_evaluated_by_the_server(text: str) -> None:
    drawn = drawing(text)
    assert "1337" not in re.sub(r"[0-9a-f]{32}", "", drawn), "folium's names are left out"
    told = re.findall(r'"words": ("(?:[^"\\]|\\.)*")', drawn)
    assert [text in html.unescape(json.loads(words)) for words in told] == [True]


def test_what_is_escaped_for_the_browser_alone_is_evaluated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The control: folium takes what it has rendered for a template once more."""
    monkeypatch.setattr(light_map, "inert", html.escape)
    assert "1337" in drawing(TEMPLATES[0])


def test_a_page_takes_few_questions(wang: Client, django_assert_max_num_queries: object) -> None:
    toy.incident(50, 50)
    with django_assert_max_num_queries(24):  # type: ignore[operator]
        body(wang, cell=toy.cell("A", 1).pk)
