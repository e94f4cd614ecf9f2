"""A page names all the modules it is made of, so that none waits for another."""

import re
from pathlib import Path

from django.test import Client

from gridmap.layers.territory import City
from gridmap.pages.modules import modules
from tests import town as toy

STATIC = Path(__file__).resolve().parents[2] / "gridmap" / "static"


def test_every_module_that_is_imported_is_found_once() -> None:
    found = modules("gridmap/pages/map.js")
    assert len(found) == len(set(found)) > 40
    assert "gridmap/pages/map.js" not in found
    assert {"gridmap/words.js", "gridmap/pages/canvas.js", "gridmap/map.js"} <= set(found)
    for name in found:
        text = (STATIC / name).read_text("utf-8")
        for given in re.findall(r"from '(\.[^']+)'", text):
            path = (STATIC / name).parent / given
            assert str(path.resolve().relative_to(STATIC)) in found, (name, given)


def test_the_map_page_asks_for_them_after_its_import_map(client: Client, town: City) -> None:
    client.force_login(toy.posted("leader"))
    page = client.get("/").content.decode()
    for name in modules("gridmap/pages/map.js"):
        assert page.count(f'rel="modulepreload" href="/static/{name}"') == 1
    assert page.index("importmap") < page.index("modulepreload")
