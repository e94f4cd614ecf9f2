"""The map page's own answer, the ticket, the catalogue, the errors, the base map, the watchdog."""

import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from gridmap.layers import ticket
from gridmap.layers.postings import Role
from gridmap.layers.scope import Area
from gridmap.layers.territory import City
from gridmap.pages.views import MAPLIBRE
from tests import town as toy

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def wang(client: Client, town: City) -> Client:
    """Somebody posted to community A, signed in."""
    client.force_login(toy.posted("wang", "A"))
    return client


def boot(client: Client) -> dict[str, Any]:
    """What the page hands to its scripts."""
    page = client.get("/").content.decode()
    found = re.search(r'<script id="boot" type="application/json">(.*?)</script>', page)
    assert found is not None
    return dict(json.loads(found[1]))


def test_the_page_knows_its_reader_and_where_to_land(wang: Client) -> None:
    told = boot(wang)
    assert told["user"]["roles"] == ["社区干部"]
    home = {"city": "toy", "community": toy.community("A").pk}
    assert told["home"].items() >= home.items()
    communities = told["cities"][0]["subdistricts"][0]["communities"]
    assert [(one["name"], one["own"]) for one in communities] == [
        ("甲社区", True),
        ("乙社区", False),
    ]


def test_a_leader_lands_on_the_whole_city(client: Client, town: City) -> None:
    client.force_login(toy.posted("leader"))
    assert boot(client)["home"] == {}


def test_the_worker_of_one_cell_lands_on_it(client: Client, town: City) -> None:
    client.force_login(toy.posted("chen", role=Role.WORKER))
    cell = toy.cell("A", 1)
    assert boot(client)["home"].items() >= {"community": cell.community_id, "cell": cell.pk}.items()


def test_who_has_no_post_is_told_so(client: Client, town: City) -> None:
    user = toy.posted("former", "A")
    user.postings.all().delete()
    client.force_login(user)
    told = boot(client)
    assert (told["cities"], told["home"], told["user"]["roles"]) == ([], {}, [])


def test_the_page_leads_only_where_there_is_something(wang: Client) -> None:
    stops = boot(wang)["rail"]
    assert [stop["name"] for stop in stops][:3] == ["map", "desk", "chiefs"]
    for stop in stops:
        assert wang.get(stop["href"]).status_code == 200, stop


def test_the_page_asks_the_database_a_fixed_number_of_times(
    wang: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    # session, user, postings; the ticket's cities; cities, subdistricts, communities, categories
    # and the own communities of the page
    with django_assert_num_queries(10):
        wang.get("/")


def test_scripts_run_by_nonce_only_and_nothing_may_call_away(wang: Client) -> None:
    answer = wang.get("/")
    policy = answer.headers["Content-Security-Policy"]
    page = answer.content.decode()
    nonce = re.search(r"'nonce-([^']+)'", policy)
    assert nonce is not None
    assert f'<script type="importmap" nonce="{nonce[1]}">' in page
    assert "unsafe-inline" not in policy
    assert "connect-src 'self'" in policy
    assert not re.search(r'\sstyle="|\son\w+="', page)
    assert not re.search(r"https?://", page)


def test_the_map_library_is_the_version_that_is_installed() -> None:
    package = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
    assert MAPLIBRE.endswith(f"-{package['dependencies']['maplibre-gl']}")


def test_the_page_brings_the_ticket_of_its_reader(wang: Client) -> None:
    cookie = wang.get("/").cookies["gridmap_ticket"]
    assert (cookie["path"], cookie["samesite"], bool(cookie["httponly"])) == ("/feeds", "Lax", True)
    read = ticket.read(cookie.value)
    assert read.cities == {"toy": toy.city().pk}
    assert read.sight.area == Area(communities=frozenset({toy.community("A").pk}))


def test_a_ticket_is_renewed_as_long_as_the_session_lasts(wang: Client) -> None:
    answer = wang.post("/ticket")
    assert answer.status_code == 200
    assert ticket.read(answer.cookies["gridmap_ticket"].value).user_id
    wang.logout()
    answer = wang.post("/ticket")
    assert (answer.status_code, answer.json()["code"]) == (401, "NotSignedIn")
    assert wang.get("/ticket").status_code == 405


def test_the_language_changes_and_the_page_stays(wang: Client) -> None:
    answer = wang.post("/i18n/", {"language": "en", "next": "/?city=toy&cell=3#17/26.2/117.6"})
    assert answer.headers["Location"] == "/?city=toy&cell=3#17/26.2/117.6"
    page = wang.get("/").content.decode()
    assert '<html lang="en"' in page
    assert "/i18n/map/en.js" in page


@pytest.mark.parametrize(
    ("language", "sentence"), [("zh-hans", "这里没有您要的东西"), ("en", "There is nothing here")]
)
def test_a_missing_page_leads_back_to_the_map(
    client: Client, db: None, language: str, sentence: str
) -> None:
    answer = client.get("/nowhere", headers={"accept-language": language})
    assert answer.status_code == 404
    page = answer.content.decode()
    assert sentence in page
    assert 'href="/"' in page


def test_a_failing_page_is_designed_too(client: Client, db: None, monkeypatch: Any) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("the test wants it")

    monkeypatch.setattr("gridmap.pages.sign_in.demo_accounts", fail)
    client.raise_request_exception = False
    answer = client.get("/sign-in")
    assert answer.status_code == 500
    assert "服务器这边出错了" in answer.content.decode()
    assert "the test wants it" not in answer.content.decode()


def test_the_watchdog_hears_that_we_live_and_can_work(client: Client, db: None) -> None:
    assert client.get("/healthz").content == b"ok\n"
    assert client.get("/readyz").content == b"ok\n"


class Provider(BaseHTTPRequestHandler):
    """Stands for the provider of the base map."""

    asked: list[str] = []
    kind = "image/png"

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_response(200)
        self.send_header("Content-Type", self.kind)
        self.end_headers()
        self.wfile.write(b"picture")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def provider(settings: Settings) -> Iterator[type[Provider]]:
    """A provider on this machine, with a key for it."""
    cache.clear()
    Provider.asked = []
    Provider.kind = "image/png"
    with HTTPServer(("127.0.0.1", 0), Provider) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        settings.TIANDITU_KEY = "key-of-the-test"
        settings.TIANDITU_URL = f"http://127.0.0.1:{server.server_port}"
        yield Provider
        server.shutdown()
        thread.join()
    cache.clear()


def test_without_a_key_there_is_no_base_map(wang: Client) -> None:
    assert not boot(wang)["basemap"]
    assert wang.get("/basemap/vec/15/27090/13905").status_code == 404


def test_the_base_map_is_fetched_by_us_and_kept(wang: Client, provider: type[Provider]) -> None:
    assert boot(wang)["basemap"]
    for _ in range(2):
        answer = wang.get("/basemap/vec/15/27090/13905")
        assert (answer.status_code, answer.content) == (200, b"picture")
    assert provider.asked == ["/DataServer?T=vec_w&x=27090&y=13905&l=15&tk=key-of-the-test"]


@pytest.mark.parametrize("path", ["ter/15/1/1", "vec/19/1/1", "vec/0/0/0", "vec/2/4/0"])
def test_only_pictures_that_exist_are_asked_for(
    wang: Client, provider: type[Provider], path: str
) -> None:
    assert wang.get(f"/basemap/{path}").status_code == 404
    assert provider.asked == []


def test_what_is_no_picture_is_not_passed_on(wang: Client, provider: type[Provider]) -> None:
    provider.kind = "text/html"
    assert wang.get("/basemap/vec/15/27090/13905").status_code == 502


def test_the_base_map_is_for_those_who_are_signed_in(
    client: Client, provider: type[Provider], db: None
) -> None:
    assert client.get("/basemap/vec/15/27090/13905").status_code == 302
