"""To every route of docs/permissions.md a request can be made; else it is told what to add."""

from tests.permissions.bodies import address, said, sent_to, unsaid
from tests.permissions.routes import ADMIN, rows
from tests.permissions.world import World

ADMIN_ROW = f"{ADMIN}{{rest}}"


def test_a_request_can_be_made_to_every_route(world: World) -> None:
    """Of every address and body that test_matrix.py sends; here it is told at once what to add."""
    table = [row for row in rows() if row.route != ADMIN_ROW]
    assert [line for row in table for line in unsaid(row.route, row.methods)] == []
    for row in table:
        for method in row.methods:
            sent = sent_to(row.route, method)
            assert "{" not in address(world, row.route, sent)
            assert "$" not in str(said(world, [sent.json, sent.form, sent.query]))


def test_a_route_to_which_nothing_is_sent_is_named_with_what_to_do() -> None:
    (told,) = unsaid("/api/new/{pk}", {"GET", "POST"})
    assert "POST /api/new/{pk} is in docs/permissions.md, and nothing is sent to it" in told
    assert unsaid("/api/new/{pk}", {"GET", "HEAD"}) == []
