"""Nobody reads what is not theirs: a walk over every address, looking for canaries.

Every route that can be read is asked with the things of every place in it, with and without the
city, and for the canaries' own letters; archives, papers, tables and tiles are opened. The control
borrows the eyes of nobody's scope and must find what the others must not.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from gridmap.api.plan_files import FORMATS
from gridmap.layers.incidents import IncidentQuerySet
from tests.permissions.asking import FIGURES, Answer, Asker
from tests.permissions.bodies import FILL, Sent, said, sent_to
from tests.permissions.eyes import Eyes, everybody
from tests.permissions.opening import opened
from tests.permissions.routes import routes, rows
from tests.permissions.world import PLACES, World, seen_in

# Who answers where, and the ground, are no secret among those who work in a city (domain.md 3.9);
# whose matters lie on a piece of ground is not one either.
OPEN = {"ground", "chief", "team", "line", "ruling"}
# Whoever holds the secret link of a report is its sender; what else hides a secret is read without.
BY_LINK = {"/report/{secret}", "/report/{secret}/{uid}.jpg"}
READABLE = ({row.route for row in rows() if "GET" in row.methods} & set(routes())) - BY_LINK
CITY, OTHER = {"city": "toy"}, {"city": "other"}
FILES = {"/api/plans/{pk}/export": tuple(FORMATS)}
SEARCH = {**CITY, "q": "canary0"}  # the beginning of every canary, and none by itself
# What each of them may see besides, by place; all else is a leak.
MAY = {
    "anonymous": {(place, kind) for place in "ABC" for kind in ("ground", "chief", "line")},
    "unposted": {(place, kind) for place in "ABC" for kind in ("ground", "chief", "line")},
    **{
        name: {(place, kind) for place in "ABC" for kind in OPEN}
        for name in ("planner", "auditor", "admin", "cadre", "worker", "chief", "patrol",
                     "department", "cadre@B", "leader@C")
    },
    "leader@X": {(place, kind) for place in "ABC" for kind in ("ground", "chief", "line")},
}  # fmt: skip
OWN = {"cadre": "A", "worker": "A", "chief": "A", "patrol": "A", "department": "A",
       "cadre@B": "B", "leader@C": "C", "leader@X": "X"}  # fmt: skip
# What a role reads in all of its city besides: its planners the plans, its auditors the journal.
PLANS = {"plan", "comment", "publication", "job"}
# So do its administrators what went out of the house, or did not.
WHOLE = {
    "planner": PLANS,
    "admin": {"channel", "fault"},
    "auditor": {"journal", "incident", *PLANS},
}


def addresses(world: World) -> Iterator[tuple[str, Sent]]:
    """Every readable address with the things of every place, and every list in several ways."""
    for route in sorted(READABLE):
        sent = sent_to(route, "GET")
        if "{" not in route:
            for query in ({}, sent.query, CITY, OTHER, SEARCH):
                yield route, Sent(query=query)
            continue
        for place in PLACES:
            for form in forms_of(route, sent):
                where = filled(world, route, form, place)
                if where is not None:
                    yield where, Sent(query=form.query)


def forms_of(route: str, sent: Sent) -> list[Sent]:
    """One request for each kind of file that an address can give, or the usual one."""
    if route in FILES:
        return [replace(sent, query={"as": form}) for form in FILES[route]]
    if "{form}" in route:
        return [replace(sent, fill={**sent.fill, "form": form}) for form in ("html", "gpx")]
    return [sent]


def filled(world: World, route: str, sent: Sent, place: str) -> str | None:
    """The route with the things of a place in it, if that place has them."""
    found = route
    for name in re.findall(r"\{(\w+)\}", route):
        word = sent.fill.get(name, FILL.get(name, ""))
        if name == "pk":
            word = f"${sent.at or route.partition('/{pk}')[0].rpartition('/')[2]}"
        if word.startswith("$") and word[1:] in world.things:
            if place not in world.things[word[1:]]:
                return None
            value: object = world.things[word[1:]][place]
        else:
            value = said(world, word)
        found = found.replace(f"{{{name}}}", str(value), 1)
    return found


def text_of(answer: Answer) -> str:
    """All that stands in an answer, whatever it is packed in."""
    return opened(answer.body, answer.headers.get("content-type", "")) + str(answer.headers)


def walked(asker: Asker, eyes: Eyes) -> dict[tuple[str, str], str]:
    """What these eyes saw, each with an address at which they did."""
    found: dict[tuple[str, str], str] = {}
    for where, sent in addresses(asker.world):
        answer = asker.ask(eyes, "GET", where, sent)
        assert answer.status < 500, f"{where} {sent.query} as {eyes.name}"
        for one in seen_in(text_of(answer)):
            found.setdefault(one, f"{where} {dict(sent.query)}")
    return found


def leaks(asker: Asker, name: str) -> list[str]:
    eyes = next(eyes for eyes in everybody() if eyes.name == name)
    seen = walked(asker, eyes)
    may = set(MAY[name]) | {(place, kind) for place, kind in seen if place == OWN.get(name)}
    may |= {(place, kind) for place in "ABC" for kind in WHOLE.get(name, ())}
    return [f"{name} reads {one} at {where}" for one, where in seen.items() if one not in may]


@pytest.mark.timeout(1_200)
def test_nobody_reads_what_is_not_theirs(asker: Asker) -> None:
    before = asker.asked
    found = [leak for name in MAY for leak in leaks(asker, name)]
    FIGURES.append(
        f"leaks: {len(READABLE)} routes x {len(MAY)} eyes = {asker.asked - before} requests, "
        f"{len(found)} leaks"
    )
    assert found == [], "\n".join(["", *found])


def test_with_the_area_taken_out_the_walk_finds_canaries(
    asker: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: every incident is everybody's."""
    monkeypatch.setattr(IncidentQuerySet, "within", lambda rows, _scope: rows)
    kinds = {line.split("'")[3] for line in leaks(asker, "cadre@B")}
    assert {"incident", "contest"} <= kinds


@pytest.mark.parametrize(
    ("name", "route", "query", "one"),
    [
        *(("planner", "/api/plans/{pk}/export", {"as": form}, ("A", "plan")) for form in FORMATS),
        ("cadre", "/signs/print/{printing}.pdf", {}, ("A", "line")),
        ("leader", "/chiefs/export.xlsx", CITY, ("C", "chief")),
    ],
)
def test_what_is_packed_into_a_file_is_found(
    asker: Asker, name: str, route: str, query: dict[str, str], one: tuple[str, str]
) -> None:
    """The control of the opening: whoever may read a file finds its canaries."""
    eyes = next(eyes for eyes in everybody() if eyes.name == name)
    sent = replace(sent_to(route, "GET"), query=query)
    where = filled(asker.world, route, sent, "A")
    assert where is not None
    answer = asker.ask(eyes, "GET", where, sent)
    assert answer.status == 200
    assert one in seen_in(text_of(answer))
