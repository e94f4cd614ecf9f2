"""Who answers for a cell that is new, and what ends with a cell that is no more.

A street, lane or building chief keeps the object and needs nothing. A cell head, a cell worker and
a team keep their cell as long as it goes on. A new cell inherits them from the cell most of its
households come from; where that is less than four fifths, somebody has to confirm it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Q

from gridmap.layers.people import ChiefTerm, TeamArea
from gridmap.layers.publications import CellHandover, CellLineage, Publication

SURE = 0.8  # planning.md 1.3


def hand_over(
    publication: Publication, lineage: Sequence[CellLineage], ended: set[int], begun: set[int]
) -> dict[str, list[Any]]:
    """Let offices and areas of care follow the households.

    Args:
        publication: with which they go.
        lineage: how much of which cell goes where.
        ended: ids of the cells that end.
        begun: ids of the cells that begin.

    Returns:
        What was done, so that it can be taken back: terms and areas ended (with the end they had)
        and made.
    """
    start = publication.starts
    handovers = []
    for target in sorted(begun):
        source, share = _heir(lineage, target)
        if source:
            handovers += _proposed(publication, source, target, share)
    done: dict[str, list[Any]] = {"terms_ended": [], "areas_ended": []}
    for name, model in (("terms_ended", ChiefTerm), ("areas_ended", TeamArea)):
        running = model._default_manager.filter(_after(start), cell_id__in=ended)
        for row in running:
            upper = row.valid.upper
            done[name].append([row.pk, upper.isoformat() if upper else None])
            row.valid = DateTimeTZRange(row.valid.lower, start)
            row.save(update_fields=["valid"])
    CellHandover.objects.bulk_create(handovers)
    made: list[ChiefTerm | TeamArea] = [
        carry(handover, start) for handover in handovers if handover.state == "accepted"
    ]
    done["terms_made"] = [row.pk for row in made if isinstance(row, ChiefTerm)]
    done["areas_made"] = [row.pk for row in made if isinstance(row, TeamArea)]
    return done


def _after(start: datetime) -> Q:
    return Q(valid__contains=start) & Q(valid__startswith__lt=start)


def _heir(lineage: Sequence[CellLineage], target: int) -> tuple[int, float]:
    """The cell most of a new one's households come from (most of its ground, where none live)."""
    parts = [row for row in lineage if row.target_id == target]
    if not parts:
        return 0, 0.0
    lived = any(row.households for row in parts)
    sizes = [(float(row.households if lived else row.area_m2), -row.source_id) for row in parts]
    size, source = max(sizes)
    return -source, round(size / sum(part for part, _ in sizes), 4)


def _proposed(
    publication: Publication, source: int, target: int, share: float
) -> list[CellHandover]:
    state = CellHandover.State.ACCEPTED if share >= SURE else CellHandover.State.PROPOSED
    common: dict[str, Any] = {
        "publication": publication,
        "source_id": source,
        "target_id": target,
        "share": share,
        "state": state,
    }
    terms = ChiefTerm.objects.filter(_after(publication.starts), cell_id=source)
    areas = TeamArea.objects.filter(_after(publication.starts), cell_id=source)
    return [
        *(CellHandover(term=term, **common) for term in terms.order_by("pk")),
        *(CellHandover(team_area=area, **common) for area in areas.order_by("pk")),
    ]


def carry(handover: CellHandover, start: datetime) -> ChiefTerm | TeamArea:
    """Give the new cell the term or area of the old one, from a moment on."""
    if handover.term is not None:
        ends = handover.term.valid.upper
        term = ChiefTerm.objects.get(pk=handover.term.pk)
        term.pk, term._state.adding = None, True  # all else is as in the term it goes on from
        term.cell_id = handover.target_id
        term.valid = DateTimeTZRange(start, ends)
        term.save()
        return term
    area = handover.team_area
    if area is None:
        raise ValueError("a handover is of a term or of an area: the database holds it")
    return TeamArea.objects.create(
        team_id=area.team_id, cell_id=handover.target_id, valid=DateTimeTZRange(start, None)
    )


def give_back(publication: Publication) -> None:
    """Undo what was handed over with a publication that has not taken effect.

    A term that was to end is not made longer, for terms are kept as they are: the same person goes
    on in a further one.
    """
    done = publication.carried
    publication.handovers.all().delete()
    publication.lineage.all().delete()
    ChiefTerm.objects.filter(pk__in=done["terms_made"]).delete()
    TeamArea.objects.filter(pk__in=done["areas_made"]).delete()
    for pk, upper in done["terms_ended"]:
        term = ChiefTerm.objects.get(pk=pk)
        term.pk, term._state.adding = None, True
        term.valid = DateTimeTZRange(publication.starts, _moment(upper))
        term.save()
    for pk, upper in done["areas_ended"]:
        area = TeamArea.objects.get(pk=pk)
        area.valid = DateTimeTZRange(area.valid.lower, _moment(upper))
        area.save(update_fields=["valid"])


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
