"""docs/permissions.md names every route there is, once, and none that there is not."""

from collections import Counter

from gridmap.layers.rights import RIGHTS
from tests.permissions.routes import (
    ADMIN,
    METHODS,
    POSTED,
    Row,
    admin_routes,
    patterns,
    routes,
    rows,
)

ADMIN_ROW = f"{ADMIN}{{rest}}"
ROUTES = routes()
ROWS = rows()


def missing_rows(every: list[str], table: list[Row]) -> list[str]:
    return [
        f"{route} has no row in docs/permissions.md: add one line, `| {route} | GET HEAD | … |`"
        for route in sorted(set(every) - {row.route for row in table})
    ]


def test_every_route_has_a_row_and_every_row_a_route() -> None:
    assert missing_rows([*ROUTES, ADMIN_ROW], ROWS) == []
    assert sorted({row.route for row in ROWS} - {*ROUTES, ADMIN_ROW}) == []
    assert len(admin_routes()) > len(METHODS)


def test_no_method_of_a_route_is_said_twice() -> None:
    twice = Counter((row.route, method) for row in ROWS for method in row.methods)
    assert [route for route, n in twice.items() if n > 1] == []
    assert {method for _, method in twice} <= set(METHODS)


def test_every_address_has_a_name_of_its_own() -> None:
    named = Counter(pattern.name for route, pattern in patterns() if not route.startswith(ADMIN))
    assert [name for name, n in named.items() if name and n > 1] == []


def test_a_route_without_a_row_is_named_with_what_to_do() -> None:
    (told,) = missing_rows([*ROUTES, ADMIN_ROW, "/api/new"], ROWS)
    assert told.startswith("/api/new has no row in docs/permissions.md: add one line")


def test_the_table_gives_deeds_to_the_roles_that_have_the_right() -> None:
    deeds = {
        "/api/incidents": "report", "/api/incidents/{pk}/contact": "see_contacts",
        "/api/chief-terms": "appoint", "/api/fabrics": "draft", "/api/plans": "draft",
        "/api/plans/{pk}/approve": "review", "/api/plans/{pk}/publish": "publish",
        "/signs/print": "sign", "/signs/mark": "hang", "/signs/lines/set": "line",
        ADMIN_ROW: "administer",
    }  # fmt: skip
    told = {row.route: row.who for row in ROWS if "POST" in row.methods and row.route in deeds}
    assert told == {route: RIGHTS[verb] & POSTED for route, verb in deeds.items()}
