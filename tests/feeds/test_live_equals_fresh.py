"""Whatever happens, in whatever order: what an open map shows equals what a fresh one would read.

Random sequences of deeds, edits with psql and steps of the clock, watched by several maps at once.
Each map's first reading and the events of its stream are recorded and played to the page's own
modules under Node (tests/js/replay.js); its store must then equal a fresh reading.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from gridmap.actions.incidents import Report, report_incident
from gridmap.layers.incidents import Incident
from gridmap.layers.people import Department
from gridmap.layers.postings import Posting, Role, scope_of
from gridmap.layers.scope import Scope
from tests import town as toy
from tests.feeds.asking import Listener, ask, bearing, run, served, tend

ROOT = Path(__file__).resolve().parents[2]
REPLAY = ROOT / "tests" / "js" / "replay.js"
CELLS = ("350404001001001", "350404001001002", "350404001002001", "350404001002002")
PICKED = "(SELECT id FROM layers_incident ORDER BY id OFFSET {n} LIMIT 1)"
BY_PSQL = (
    "INSERT INTO layers_incident (city_id, number, title, text, place, address, search,"
    " category_id, department_id, source, state, parked, urgent, reported_at, filed_at)"
    " SELECT y.id, 'P' || nextval('layers_delta_id_seq'), 't', '', ST_PointOnSurface(e.geom), '',"
    " '', k.id, k.department_id, 'import', 'filed', false, false, now(), now()"
    " FROM layers_city AS y, layers_category AS k, layers_celledition AS e"
    " WHERE e.code IN ({codes})"
)
EDITS = {
    "close": "UPDATE layers_incident SET state = 'closed', closed_at = now() WHERE id = " + PICKED,
    "open again": "UPDATE layers_incident SET state = 'handling', closed_at = NULL WHERE id = "
    + PICKED,
    "park": "UPDATE layers_incident SET parked = NOT parked WHERE id = " + PICKED,
    "delete": "DELETE FROM layers_incident WHERE id = " + PICKED,
    "hand over": "UPDATE layers_incident SET department_id = NULL WHERE id = " + PICKED,
    "hand back": "UPDATE layers_incident SET department_id = (SELECT min(id) FROM"
    " layers_department) WHERE id = " + PICKED,
    "help": "UPDATE layers_incident SET helpers = ARRAY(SELECT min(id) FROM layers_department),"
    " department_id = NULL WHERE id = " + PICKED,
    "help no more": "UPDATE layers_incident SET helpers = '{{}}' WHERE id = " + PICKED,
    "move": "UPDATE layers_incident SET place = (SELECT ST_PointOnSurface(geom) FROM"
    " layers_celledition ORDER BY code OFFSET {cell} LIMIT 1) WHERE id = " + PICKED,
    "soon": "UPDATE layers_incident SET soon_at = now() - interval '1 hour', due = now()"
    " + interval '1 hour' WHERE id = " + PICKED,
    "late": "UPDATE layers_incident SET soon_at = now() - interval '2 hours', due = now()"
    " - interval '1 hour' WHERE id = " + PICKED,
    "all late": "UPDATE layers_incident SET soon_at = now() - interval '2 hours', due = now()"
    " - interval '1 hour'",
    "visit": "INSERT INTO layers_visit (city_id, at, source, note, stretch_id) SELECT city_id,"
    " now(), 'tap', '', id FROM layers_stretch ORDER BY id OFFSET {cell} LIMIT 1",
    "visit taken back": "DELETE FROM layers_visit WHERE id = (SELECT max(id) FROM layers_visit)",
    # Not the cell worker's: one of the eyes is that one's, and an ended post sees nothing more.
    "vacant": "UPDATE layers_chiefterm SET valid = tstzrange(lower(valid), now()) WHERE id ="
    " (SELECT id FROM layers_chiefterm WHERE valid @> now() AND office <> 'cell_worker'"
    " ORDER BY id OFFSET {cell} LIMIT 1)",
    "clock": "SELECT gridmap_sweep()",
}  # fmt: skip
STEP = st.tuples(
    st.sampled_from(["report", "psql", "fold", *EDITS]), st.integers(0, 6), st.integers(0, 3)
)


@dataclass
class Map:
    """One open map: who looks, what was read first, and what was heard since."""

    scope: Scope
    client: Client
    stream: Listener
    answers: dict[str, Any]
    events: list[tuple[str, int, Any]] = field(default_factory=list)

    def hear(self, until: set[int]) -> None:
        """Listen until one of these incidents is told."""
        while True:
            event = self.stream.event()
            assert event[0], "the stream has ended"
            self.events.append(event)
            if event[0] == "change" and {i["id"] for i in event[2]["incidents"] or ()} & until:
                return


def read(scope: Scope, client: Client) -> dict[str, Any]:
    """What a map reads when it opens."""
    return {
        "/feeds/overlay": ask("/feeds/overlay?city=toy", bearing(scope)).json,
        "/api/cells": client.get("/api/cells?city=toy&fields=labels").json(),
        "/api/incidents": client.get("/api/incidents?city=toy&open=true&page_size=1000").json(),
        "/api/histogram": {"days": []},
        "/api/ground": {"features": []},
    }


def step(leader: Scope, name: str, n: int, cell: int) -> None:
    """Do one thing."""
    count = Incident.objects.count()
    if name == "fold":
        tend()
    elif name == "report":
        report = Report(place=toy.at(100 * cell + 10 + n, 20), title="暴露垃圾", category="0102")
        report_incident(by=leader, report=report)
    elif name == "psql" or (count == 0 and "{n}" in EDITS[name]):
        run(BY_PSQL.format(codes=f"'{CELLS[cell]}'"))
    else:
        run(EDITS[name].format(n=n % max(count, 1), cell=cell))


def with_something(cells: list[list[Any]]) -> dict[int, dict[str, int]]:
    """The cells that have something to show: to a department, noughts and no row are the same."""
    return {pk: values for pk, values in cells if values and any(values.values())}


def played(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the page's own modules make of the records."""
    node = shutil.which("node", path=f"{os.environ['PATH']}:{ROOT / '.venv' / 'bin'}")
    assert node is not None
    done = subprocess.run(
        [node, str(REPLAY)], input=json.dumps(records), text=True, check=True, capture_output=True,
        timeout=60,
    )  # fmt: skip
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


@pytest.fixture
def eyes(mayor: Scope) -> dict[str, Scope]:
    """Five who look: the whole city, each community, a worker, and a department."""
    sanitation = User.objects.create_user("sanitation")
    Posting.objects.create(
        user=sanitation, role=Role.DEPARTMENT, city=toy.city(),
        department=Department.objects.get(), valid=toy.ALWAYS,
    )  # fmt: skip
    return {
        "leader": mayor,
        "cadre of A": toy.eyes("wang", "A"),
        "cadre of B": toy.eyes("li", "B"),
        "worker of A": toy.eyes("chen", role=Role.WORKER),
        "department": scope_of(sanitation.pk),
    }


@pytest.fixture
def port(eyes: dict[str, Scope]) -> Iterator[int]:
    tend()
    with served() as (number, _):
        yield number


def opened(scope: Scope, port: int) -> Map:
    """A map that has read and listens."""
    client = Client()
    client.force_login(User.objects.get(pk=scope.user_id or 0))
    answers = read(scope, client)
    address = f"/feeds/live?city=toy&cursor={answers['/feeds/overlay']['cursor']}"
    return Map(scope, client, Listener(port, address, bearing(scope)), answers)


def sentinels() -> set[int]:
    """One incident in each community, so that every map hears that the end is reached."""
    known = set(Incident.objects.values_list("pk", flat=True))
    run(BY_PSQL.format(codes=f"'{CELLS[0]}', '{CELLS[2]}'"))
    tend()
    return set(Incident.objects.exclude(pk__in=known).values_list("pk", flat=True))


@settings(
    max_examples=8,
    deadline=None,
    # An example takes seconds; what fails is told as it is, without minutes of shrinking.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(STEP, min_size=1, max_size=12))
@example(steps=[("psql", 0, 0), ("fold", 0, 0), ("move", 0, 3), ("fold", 0, 0), ("late", 0, 0)])
@example(steps=[("psql", 0, 0), ("hand over", 0, 0), ("fold", 0, 0), ("hand back", 0, 0)])
@example(steps=[("psql", 0, 0), ("hand over", 0, 0), ("fold", 0, 0), ("help", 0, 0)])
@example(steps=[("psql", 0, 0), ("help", 0, 0), ("fold", 0, 0), ("help no more", 0, 0)])
def test_an_open_map_shows_what_a_fresh_one_reads(
    eyes: dict[str, Scope], port: int, steps: list[tuple[str, int, int]]
) -> None:
    tend()
    maps = {name: opened(scope, port) for name, scope in eyes.items()}
    try:
        for name, n, cell in steps:
            step(eyes["leader"], name, n, cell)
        end = sentinels()
        for shown in maps.values():
            shown.hear(end)
    finally:
        for shown in maps.values():
            shown.stream.__exit__()
    final = {name: read(shown.scope, shown.client) for name, shown in maps.items()}
    records = [{"answers": m.answers, "events": m.events} for m in maps.values()]
    records += [{"answers": answers, "events": []} for answers in final.values()]
    results = played(records)
    for name, live, new in zip(maps, results, results[len(maps):], strict=False):  # fmt: skip
        if name == "department":
            assert with_something(live["cells"]) == with_something(new["cells"])
        else:
            assert sorted(live["cells"], key=str) == sorted(new["cells"], key=str), name
        assert sorted(live["incidents"]) == sorted(new["incidents"]), name
        assert len(new["incidents"]) > 0, name


def test_a_map_that_hears_nothing_is_found_out(eyes: dict[str, Scope], port: int) -> None:
    shown = opened(eyes["leader"], port)
    shown.stream.__exit__()
    step(eyes["leader"], "psql", 0, 0)
    tend()
    old, new = played(
        [
            {"answers": shown.answers, "events": []},
            {"answers": read(shown.scope, shown.client), "events": []},
        ]
    )
    assert old["incidents"] != new["incidents"]
    assert old["cells"] != new["cells"]
