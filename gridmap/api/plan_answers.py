"""The shapes of answers about plans, in OpenAPI's own words."""

from gridmap.api.answers import MOMENT, REAL, TEXT, WHOLE, every, some, thing

CELL = thing(
    no=WHOLE,
    cell=some(WHOLE),
    uid=TEXT,
    code=TEXT,
    name=TEXT,
    kind=TEXT,
    use=TEXT,
    locked={"type": "boolean"},
    reason=TEXT,
)
FIGURES = thing(
    no=WHOLE,
    units=WHOLE,
    households=WHOLE,
    residents=some(WHOLE),
    incidents=some(WHOLE),
    area_m2=REAL,
    parts=WHOLE,
    pp=REAL,
    on_ways=some(REAL),
)
OP = thing(
    seq=WHOLE,
    id=TEXT,
    kind=TEXT,
    author=some(TEXT),
    at=MOMENT,
    of=some(WHOLE),
    units=every(TEXT),
    old=every(WHOLE),
    new=every(WHOLE),
    cells=every({"type": "object"}),
    pins=every(every({})),
)
CONFLICT = thing(
    op=TEXT,
    why=TEXT,
    unit=some(TEXT),
    cell=some(WHOLE),
    base=some(WHOLE),
    theirs=some(WHOLE),
    yours=some(WHOLE),
    author=some(TEXT),
)
OUTCOME = {
    "seq": WHOLE,
    "applied": every(TEXT),
    "made": {"type": "object", "additionalProperties": WHOLE},
    "conflicts": every(CONFLICT),
    "auto_merged": WHOLE,
    "rebased": every(OP),
    "cells": every(FIGURES),
    "gone": every(WHOLE),
}
MERGED = {
    200: thing(**OUTCOME),
    # Everything but the conflicts was done: the one 409 that is no refusal.
    409: {
        "type": "object",
        "properties": {"code": TEXT, "message": TEXT, "detail": {"type": "object"}, **OUTCOME},
        "required": ["code", "message"],
    },
}
PLAN = {
    "id": WHOLE,
    "city": TEXT,
    "community": WHOLE,
    "community_code": TEXT,
    "community_name": TEXT,
    "fabric": WHOLE,
    "title": TEXT,
    "status": TEXT,
    "seq": WHOLE,
    "owner": some(TEXT),
    "band": every(WHOLE),
    "fork_of": some(WHOLE),
    "fork_seq": some(WHOLE),
    "opened_at": MOMENT,
    "submitted_by": some(TEXT),
    "reviewed_by": some(TEXT),
    "review": TEXT,
    "wanted_from": some({"type": "string", "format": "date"}),
    "carried_from": some(WHOLE),
}
CARRIED = thing(
    **PLAN,
    report=thing(
        counts={"type": "object", "additionalProperties": WHOLE},
        followed=every(TEXT),
        cut=every(TEXT),
        new=every(TEXT),
        gone=every(TEXT),
        unpinned=every(TEXT),
    ),
)
RESERVED = thing(cell=WHOLE, holder=TEXT, until=MOMENT)
STATE = {
    200: thing(
        **PLAN,
        labels=every(WHOLE),
        cells=every(CELL),
        figures=every(FIGURES),
        pins=every(TEXT),
        reserved=every(RESERVED),
    )
}
GROUND = {
    200: thing(
        in_force=thing(
            labels=every(WHOLE),
            cells=every(thing(no=WHOLE, uid=TEXT, code=TEXT, name=TEXT, households=WHOLE)),
        ),
        names=every(TEXT),
        lanes=every(thing(name=TEXT, headed={"type": "boolean"}, units=every(WHOLE))),
        turns=thing(undo={"type": "boolean"}, redo={"type": "boolean"}),
    )
}
LOG = {200: thing(seq=WHOLE, ops=every(OP), more={"type": "boolean"})}
RESERVATIONS = {200: thing(reserved=every(RESERVED))}
SAID = thing(
    id=WHOLE,
    author=some(TEXT),
    at=MOMENT,
    seq=WHOLE,
    text=TEXT,
    lng=some(REAL),
    lat=some(REAL),
    cell=some(WHOLE),
    unit=TEXT,
    answers=some(WHOLE),
    settled_by=some(TEXT),
)
COMMENTS = {200: thing(comments=every(SAID))}
FABRIC = thing(
    id=WHOLE,
    community=WHOLE,
    community_code=TEXT,
    version=WHOLE,
    current={"type": "boolean"},
    units=WHOLE,
    built_at=MOMENT,
)
FAULT = thing(
    code=TEXT,
    must={"type": "boolean"},
    no=WHOLE,
    households=WHOLE,
    parts=WHOLE,
    pp=REAL,
    reason=TEXT,
    lane=TEXT,
    units=every(TEXT),
    lng=some(REAL),
    lat=some(REAL),
)
FAULTS = {200: thing(seq=WHOLE, faults=every(FAULT))}
SIDE = some(thing(uid=TEXT, code=TEXT, name=TEXT))
TRANSFER = thing(
    source=SIDE,
    target=SIDE,
    units=WHOLE,
    households=WHOLE,
    residents=some(WHOLE),
    buildings=WHOLE,
    incidents=some(WHOLE),
    area_m2=REAL,
)
DIFF = {
    200: thing(
        seq=WHOLE,
        against=TEXT,
        units=every(TEXT),
        transfers=every(TRANSFER),
        retained=REAL,
        unmatched=every(TEXT),
    )
}
IMPACT = {
    200: thing(
        seq=WHOLE,
        at=MOMENT,
        figures={"type": "object"},
        transfers=every({"type": "object"}),
        counts={"type": "object", "additionalProperties": some(WHOLE)},
        lists={"type": "object"},
        faults=every(FAULT),
        cells=every(thing(no=WHOLE, uid=TEXT, code=TEXT, name=TEXT, kind=TEXT, households=WHOLE)),
    )
}
WHERE = {
    200: thing(
        id=WHOLE,
        uid=TEXT,
        code=TEXT,
        name=TEXT,
        kind=TEXT,
        community=WHOLE,
        since=MOMENT,
        until=MOMENT,
        on=MOMENT,
    )
}
REPORT = {
    "type": "object",
    "description": "What of the file was matched, and every mismatch.",
    "properties": {"read": WHOLE, "matched": WHOLE, "counts": {"type": "object"}},
    "required": ["read", "matched", "counts"],
}
IMPORTED = {
    200: thing(**OUTCOME, report=REPORT),
    409: {
        "type": "object",
        "properties": {"code": TEXT, "message": TEXT, **OUTCOME, "report": REPORT},
        "required": ["code", "message"],
    },
}
FABRIC_UPLOAD = {
    "type": "object",
    "properties": {"file": {"type": "string", "format": "binary"}, "community": WHOLE},
    "required": ["file", "community"],
}
UPLOAD = {
    "type": "object",
    "properties": {
        "file": {"type": "string", "format": "binary"},
        "id": {"type": "string", "format": "uuid"},
    },
    "required": ["file", "id"],
}
