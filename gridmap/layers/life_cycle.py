"""The life of an incident as one table: each deed, from which states it leads where, and who may.

信息收集 → 立案 → 派遣 → 处理 → 反馈 → 核查 → 结案 (→ 评价). The database holds the same table
(``gridmap_transition``, layers/sql/0041 and 0096) and refuses every other way; a test keeps both
equal.
"""

from __future__ import annotations

from dataclasses import dataclass

from gridmap.layers.rights import RIGHTS

REPORTED, FILED, DISPATCHED, HANDLING = "reported", "filed", "dispatched", "handling"
ANSWERED, INSPECTING, CLOSED, VOID = "answered", "inspecting", "closed", "void"
NOWHERE = ""  # before the report
AT_DEPARTMENT = (DISPATCHED, HANDLING)
FILED_AND_OPEN = (FILED, *AT_DEPARTMENT, ANSWERED, INSPECTING)
OPEN = (REPORTED, *FILED_AND_OPEN)
STAYS = None
BACK = "back"  # to the state it stood in when it was joined
OWN = "own"  # besides the right: only the department that has the case
REPORTER = "reporter"  # besides the right: whoever reported it
OTHER = "other"  # somebody else than who did the work, or asked


@dataclass(frozen=True)
class Move:
    """One deed of the life cycle.

    Attributes:
        verb: its name in addresses, steps and the journal.
        right: of `gridmap.layers.rights.RIGHTS`: the roles that may.
        starts: the states it leads from.
        ends: the state it leads to; None where the incident stays in its state, `BACK` where it
            comes back to the one it stood in.
        needs: what must be told or true, by name.
        who: what the caller must be besides.
        parked: whether it may be done while the clock stands still.
    """

    verb: str
    right: str
    starts: tuple[str, ...]
    ends: str | None
    needs: tuple[str, ...] = ()
    who: str = ""
    parked: bool = False

    @property
    def roles(self) -> frozenset[str]:
        """The roles that may do it."""
        return RIGHTS[self.right]

    @property
    def ways(self) -> frozenset[tuple[str, str, str]]:
        """Every way it leads: verb, from, to."""
        if self.ends == BACK:
            return frozenset((self.verb, start, end) for start in self.starts for end in OPEN)
        return frozenset((self.verb, start, self.ends or start) for start in self.starts)


MOVES: dict[str, Move] = {
    move.verb: move
    for move in (
        Move("report", "report", (NOWHERE,), REPORTED),
        Move("verify", "verify", (REPORTED,), STAYS, ("finding",)),
        Move("file", "file", (REPORTED,), FILED, ("verified",)),
        Move("decline", "file", (REPORTED,), VOID, ("why",)),
        Move("settle", "settle", (REPORTED,), ANSWERED, ("why",)),
        Move("dispatch", "dispatch", (FILED,), DISPATCHED, ("department",)),
        Move("accept", "handle", (DISPATCHED,), HANDLING, (), OWN),
        Move("reach", "handle", (HANDLING,), STAYS, ("milestone",), OWN),
        Move("answer", "handle", (HANDLING,), ANSWERED, ("why",), OWN),
        Move("contribute", "handle", AT_DEPARTMENT, STAYS, ("why",)),
        Move("send", "dispatch", (ANSWERED,), INSPECTING),
        Move("inspect", "inspect", (INSPECTING,), STAYS, ("finding",), OTHER),
        Move("close", "close", (INSPECTING,), CLOSED, ("inspected",)),
        Move("rework", "dispatch", (ANSWERED, INSPECTING), DISPATCHED, ("why",)),
        Move("redispatch", "dispatch", (*AT_DEPARTMENT, ANSWERED, INSPECTING), DISPATCHED,
             ("department", "why")),
        Move("reopen", "reopen", (CLOSED,), FILED, ("why",), REPORTER),
        Move("ask_extension", "handle", AT_DEPARTMENT, STAYS, ("amount", "unit", "why"), OWN),
        Move("ask_park", "handle", AT_DEPARTMENT, STAYS, ("why",), OWN),
        Move("ask_return", "handle", AT_DEPARTMENT, STAYS, ("why",), OWN),
        Move("ask_void", "ask_void", FILED_AND_OPEN, STAYS, ("why",), "", parked=True),
        Move("extend", "grant", AT_DEPARTMENT, STAYS, ("application",), OTHER),
        Move("park", "grant", AT_DEPARTMENT, STAYS, ("application",), OTHER),
        Move("return", "grant", AT_DEPARTMENT, FILED, ("application",), OTHER),
        Move("void", "grant", FILED_AND_OPEN, VOID, ("application",), OTHER, parked=True),
        Move("deny", "grant", FILED_AND_OPEN, STAYS, ("application", "why"), OTHER, parked=True),
        Move("resume", "resume", AT_DEPARTMENT, STAYS, ("why",), OWN, parked=True),
        Move("supervise", "supervise", FILED_AND_OPEN, STAYS, ("why",), "", parked=True),
        Move("reply", "reply", FILED_AND_OPEN, STAYS, ("supervision", "why"), OWN, parked=True),
        Move("evaluate", "evaluate", (CLOSED,), STAYS, ("satisfied",), REPORTER),
        # Done by gridmap.actions.twins, which holds both cases.
        Move("link_twin", "verify", OPEN, VOID, ("original",), "", parked=True),
        Move("unlink_twin", "verify", (VOID,), BACK, (), "", parked=True),
    )
}  # fmt: skip
# What is granted, by what was asked for.
GRANTS = {"ask_extension": "extend", "ask_park": "park", "ask_return": "return", "ask_void": "void"}
TAKE_OVER = "take_over"  # an incident that came in the state it had elsewhere; written by a trigger


def ways() -> frozenset[tuple[str, str, str]]:
    """Return every legal way: verb, from, to."""
    return frozenset().union(*(move.ways for move in MOVES.values()))


def leading_on(state: str, *, parked: bool) -> tuple[Move, ...]:
    """Return the deeds that a state allows, in the order of the table."""
    return tuple(
        move for move in MOVES.values() if state in move.starts and (move.parked or not parked)
    )
