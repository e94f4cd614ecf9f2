"""Whoever loses a post is out within seconds: open maps end, old tickets open nothing."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.test import Client
from django.utils import timezone

from gridmap.feeds.app import Feeds
from gridmap.feeds.revoked import Revoked
from gridmap.layers.people import TeamArea
from gridmap.layers.postings import Posting, Role, scope_of
from gridmap.layers.scope import Scope
from gridmap.layers.territory import PlaceCode, Subdistrict
from tests import town as toy
from tests.feeds.asking import Listener, ask, bearing, run, served, tend

OVERLAY = "/feeds/overlay?city=toy"


@pytest.fixture
def servers(mayor: Scope) -> Iterator[list[tuple[int, Feeds]]]:
    """Two server processes, as far as they know nothing of one another."""
    with served() as one, served() as other:
        yield [one, other]


def end_posting(user: User) -> None:
    until_now = DateTimeTZRange(toy.OPENED, timezone.now())
    Posting.objects.filter(user=user).update(valid=until_now)


def move_posting(user: User) -> None:
    Posting.objects.filter(user=user).update(community=toy.community("B"))


def end_term(_user: User) -> None:
    run(
        "UPDATE layers_chiefterm SET valid = tstzrange(lower(valid), now()) "
        "WHERE office = 'cell_worker'"
    )


def end_team_area(_user: User) -> None:
    TeamArea.objects.filter(cell=toy.cell("A", 1)).delete()


def switch_off(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


def hand_over_community(_user: User) -> None:
    """Both offices and the community in one statement: no moment at which they do not fit."""
    home = Subdistrict.objects.get()
    with transaction.atomic():
        new = Subdistrict.objects.create(
            city=home.city, code="350404009", name="新街道", geom=toy.box(0, 100, 400, 100)
        )
        PlaceCode.objects.create(subdistrict=new, code=new.code, name=new.name, valid=toy.ALWAYS)
    west, east = toy.box(0, 0, 200, 100).ewkt, toy.box(200, 0, 200, 100).ewkt
    run(
        f"WITH offices AS (UPDATE layers_subdistrict SET geom = CASE id WHEN {home.pk} "
        f"THEN '{west}'::geometry ELSE '{east}'::geometry END), "
        f"handed AS (UPDATE layers_community SET subdistrict_id = {new.pk} "
        f"WHERE id = {toy.community('B').pk}) SELECT 1"
    )


LOSSES: dict[str, tuple[Role, Callable[[User], None]]] = {
    "a posting ends": (Role.LEADER, end_posting),
    "a posting moves": (Role.CADRE, move_posting),
    "a term ends": (Role.WORKER, end_term),
    "a team's area ends": (Role.PATROL, end_team_area),
    "an account is switched off": (Role.LEADER, switch_off),
}


@pytest.mark.parametrize("loss", LOSSES)
def test_a_loss_ends_streams_and_tickets_on_every_process(
    servers: list[tuple[int, Feeds]], loss: str
) -> None:
    role, lose = LOSSES[loss]
    user = toy.posted("loser", *("A" if role is Role.CADRE else ""), role=role)
    old, bystander = bearing(scope_of(user.pk)), bearing(toy.eyes("bystander", role=Role.LEADER))
    ports = [port for port, _ in servers]
    with ExitStack() as stack:
        lost, kept = (
            [stack.enter_context(Listener(port, "/feeds/live?city=toy", bearer)) for port in ports]
            for bearer in (old, bystander)
        )
        assert {stream.status for stream in (*lost, *kept)} == {200}
        lose(user)
        for stream in lost:  # a listener waits for eight seconds at most
            assert stream.event()[::2] == ("reset", {})
            assert stream.event() == ("", 0, None)
        toy.incident(50, 50)
        tend()
        assert {stream.event()[0] for stream in kept} == {"change"}
    assert [status(port, old) for port in ports] == [401, 401]
    assert [status(port, bystander) for port in ports] == [200, 200]
    renewed = scope_of(user.pk)
    assert ask(OVERLAY, bearing(renewed)).status == (200 if renewed.ground else 404)


def status(port: int, headers: dict[str, str]) -> int:
    with Listener(port, OVERLAY, headers) as answer:
        return answer.status


def test_a_process_that_starts_knows_what_was_revoked_before(mayor: Scope) -> None:
    user = toy.posted("loser", role=Role.LEADER)
    old = bearing(scope_of(user.pk))
    assert ask(OVERLAY, old).status == 200
    end_posting(user)
    answer = ask(OVERLAY, old)  # a process of its own, which never heard a word
    assert (answer.status, answer.json["code"]) == (401, "TicketRevoked")


def test_without_the_defence_the_old_ticket_opens_the_feeds(
    mayor: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = toy.posted("loser", role=Role.LEADER)
    old = bearing(scope_of(user.pk))
    end_posting(user)
    monkeypatch.setattr(Revoked, "is_void", lambda *_: False)
    assert ask(OVERLAY, old).status == 200


@pytest.mark.parametrize(
    ("role", "change"),
    [
        (Role.DISPATCHER, hand_over_community),
        (Role.PATROL, end_team_area),
        (Role.WORKER, end_term),
    ],
)
def test_a_change_voids_the_tickets_of_those_it_touches_only(
    mayor: Scope, role: Role, change: Callable[[User], None]
) -> None:
    users = {one: toy.posted(f"x-{one}", role=one) for one in (Role.LEADER, role)}
    seals = {one: scope_of(user.pk).seal for one, user in users.items()}
    change(users[role])
    assert scope_of(users[role].pk).seal > seals[role]
    assert scope_of(users[Role.LEADER].pk).seal == seals[Role.LEADER]


def test_an_account_that_is_switched_off_has_no_session(mayor: Scope) -> None:
    user = toy.posted("loser", role=Role.LEADER)
    client = Client()
    client.force_login(user)
    assert client.get("/api/incidents").status_code == 200
    switch_off(user)
    assert client.get("/api/incidents").status_code == 401
    assert client.post("/ticket").status_code == 401
