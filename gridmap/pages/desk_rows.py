"""The rows of the desk's list: what each says, what may be done with it, and its fingerprint."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2s
from typing import Any
from zoneinfo import ZoneInfo

from django.http import QueryDict
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from gridmap.actions.cases import is_called_for, is_offered
from gridmap.layers.incidents import Incident, State
from gridmap.layers.life_cycle import MOVES
from gridmap.layers.names import named
from gridmap.layers.rights import RIGHTS
from gridmap.layers.scope import Scope
from gridmap.layers.territory import City
from gridmap.layers.twins import marks
from gridmap.pages.case_course import whose
from gridmap.pages.case_times import light_words
from gridmap.pages.dates import short
from gridmap.pages.desk_links import link
from gridmap.pages.time_left import Remaining

# What may be done with several cases at once; each still asks its own rights and state.
TOGETHER = ("file", "dispatch", "accept", "send", "close", "supervise")
# What a look has shown, of the states in which somebody looks: a word, and how it looks in the row.
FOUND = {
    (State.REPORTED, None): (gettext_noop("待核实"), "unseen"),
    (State.REPORTED, True): (gettext_noop("已核实"), "seen"),
    (State.REPORTED, False): (gettext_noop("核实不属实"), "seen"),
    (State.INSPECTING, None): (gettext_noop("待核查"), "unseen"),
    (State.INSPECTING, True): (gettext_noop("核查通过"), "seen"),
    (State.INSPECTING, False): (gettext_noop("核查没通过"), "seen"),
}
LOOKED = {State.REPORTED: "verified", State.INSPECTING: "inspected"}


def offered_anywhere(scope: Scope) -> list[str]:
    """Return the deeds for several cases that the caller's roles know."""
    return [verb for verb in TOGETHER if RIGHTS[MOVES[verb].right] & scope.roles]


def able(scope: Scope, case: Incident, verbs: Iterable[str]) -> list[str]:
    """Return which of these deeds may be done with a case now."""
    return [
        verb
        for verb in verbs
        if is_offered(by=scope, case=case, move=MOVES[verb])
        and is_called_for(by=scope, case=case, verb=verb)
    ]


def found(case: Incident) -> tuple[str, str]:
    """Return the word for what a look has shown and its class; both empty where nobody looks."""
    looked = getattr(case, LOOKED[State(case.state)]) if case.state in LOOKED else None
    word, kind = FOUND.get((State(case.state), looked), ("", ""))
    return (_(word), kind) if word else ("", "")


def now_of(case: Incident) -> str:
    """Return what changes when somebody does something with a case: equal, nothing did."""
    said = [
        case.number, case.state, case.light, case.department_id, case.helpers, case.verified,
        case.inspected, case.due, case.title, case.category_id, case.community_id, case.address,
    ]  # fmt: skip
    return blake2s("|".join(map(str, said)).encode(), digest_size=6).hexdigest()


def rows(
    scope: Scope, values: QueryDict, cases: list[Incident], city: City, names: dict[int, str]
) -> list[dict[str, Any]]:
    """Return what the template shows of each case.

    Args:
        scope: the caller's.
        values: of the address.
        cases: of one page of the list.
        city: theirs.
        names: of departments, by id.
    """
    remaining = Remaining(scope, city, cases)
    twins = marks(scope, cases)
    verbs, zone = offered_anywhere(scope), ZoneInfo(city.time_zone)
    comma = ", " if translation.get_language() == "en" else "、"
    told = []
    for case in cases:
        sign, word = light_words(case.light)
        looked, kind = found(case)
        told.append(
            {
                "case": case,
                "now": now_of(case),
                "able": able(scope, case, verbs),
                "sign": sign,
                "light": word,
                "href": link(values, case=case.number, page=values.get("page")),
                "page": reverse("case", kwargs={"number": case.number}),
                "on": case.number == values.get("case"),
                "category": named(case.category),
                "department": whose(case).word or "—",
                "helping": comma.join(names[pk] for pk in case.helpers if pk in names),
                "state": _(str(State(case.state).label)),
                "found": looked,
                "kind": kind,
                "leads": twins.leads.get(case.pk, ""),
                "gathers": twins.gathers[case.pk],
                "left": remaining.told(case),
                "due": short(case.due, zone) if case.due else "",
            }
        )
    return told
