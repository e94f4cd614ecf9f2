"""Deeds at the same moment, deeds sent again, and open maps that hear of each of them."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable
from uuid import uuid4

import pytest
from django.db import connection, connections

from gridmap.actions.cases import Said, act
from gridmap.actions.incidents import Report, report_incident
from gridmap.errors import Refusal, WrongState
from gridmap.layers.cases import CaseReceipt, Step
from gridmap.layers.incidents import Incident
from gridmap.layers.journal import Entry
from gridmap.layers.postings import operator_scope
from gridmap.layers.rollup import Change
from tests import town as toy
from tests.cases.conftest import Office


def fold() -> Change:
    with connection.cursor() as cursor:
        cursor.execute("SELECT gridmap_compact()")
    return Change.objects.latest("pk")


def test_open_maps_are_told_of_every_deed_that_changes_what_they_show(office: Office) -> None:
    case = office.report()
    fold()
    for verb, who, said in (
        ("verify", "cadre", {"finding": True}), ("file", "duty", {}), ("dispatch", "duty", {}),
        ("accept", "sanitation", {}), ("answer", "sanitation", {"why": "清"}),
    ):  # fmt: skip
        office.act(case, verb, who, **said)
        told = fold()
        assert told.incidents == [case.pk], verb
        assert told.cells == [toy.cell("A", 1).pk]


def at_once(deeds: list[Callable[[], object]]) -> list[object]:
    """Do them in threads, all let go at the same moment; return answers and refusals."""
    gate, found = threading.Barrier(len(deeds)), []

    def one(deed: Callable[[], object]) -> None:
        gate.wait()
        try:
            found.append(deed())
        except Refusal as refusal:
            found.append(refusal)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


@pytest.mark.django_db(transaction=True)
def test_sixteen_at_once_file_a_case_once() -> None:
    toy.build()
    by = operator_scope()
    case = toy.incident(50, 50, state="reported", filed_at=None, verified=True).pk
    found = at_once([lambda: act(by=by, incident=case, verb="file") for _ in range(16)])
    refused = [one for one in found if isinstance(one, WrongState)]
    assert (len(refused), len(found)) == (15, 16)
    assert Step.objects.filter(incident=case, verb="file").count() == 1
    assert Entry.objects.filter(verb="file", subject_id=case).count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_deed_sent_sixteen_times_at_once_is_done_once_and_answered_sixteen_times() -> None:
    toy.build()
    by, said = operator_scope(), Said(client_id=uuid4())
    case = toy.incident(50, 50, state="reported", filed_at=None, verified=True).pk
    found = at_once([lambda: act(by=by, incident=case, verb="file", said=said).new] * 16)
    assert Counter(found) == {True: 1, False: 15}
    assert CaseReceipt.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_queue_that_comes_twice_out_of_order_and_in_parts_makes_each_report_once() -> None:
    """A telephone's queue on a bad line: requests are lost, doubled and late; answers are lost."""
    toy.build()
    by, dice = operator_scope(), random.Random(7)
    queue = [
        Report(toy.at(5 + n % 90, 5 + n // 3), f"事件 {n}", "0102", client_id=uuid4())
        for n in range(200)
    ]
    waiting = list(queue)
    sent = 0
    while waiting:
        dice.shuffle(waiting)
        left = []
        for report in waiting:
            if dice.random() < 0.3:  # the request is lost
                left.append(report)
                continue
            for _ in range(dice.choice((1, 1, 2))):  # some arrive doubled
                report_incident(by=by, report=report)
                sent += 1
            if dice.random() < 0.3:  # the answer is lost: it is sent again
                left.append(report)
        waiting = left
    assert sent > len(queue), "the control: without client_id there were as many as were sent"
    rows = Incident.objects.values_list("client_id", "title")
    assert sorted(rows) == sorted((report.client_id, report.title) for report in queue)
    assert Step.objects.count() == len(queue)
