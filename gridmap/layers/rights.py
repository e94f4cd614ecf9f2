"""Who may do what: the one table of deeds and the roles that may do them (docs/api.md).

A role gives its rights inside the area of its posting only; the deed asks `Scope.must`. What a role
may *see* is no right but an area: `gridmap.layers.postings`.
"""

LEADER, DISPATCHER, CADRE = "leader", "dispatcher", "cadre"
WORKER, CHIEF, PATROL = "worker", "chief", "patrol"
PLANNER, DEPARTMENT, AUDITOR, ADMIN = "planner", "department", "auditor", "admin"
RESIDENT = "resident"  # whoever reports without an account: no posting
OPERATOR = "operator"  # whoever sits at the command line of the server: no posting, every right

RIGHTS: dict[str, frozenset[str]] = {
    # incidents
    "report": frozenset({LEADER, DISPATCHER, CADRE, WORKER, CHIEF, PATROL, RESIDENT}),
    "import_orders": frozenset({LEADER, DISPATCHER}),
    "verify": frozenset({DISPATCHER, CADRE, WORKER}),
    "file": frozenset({DISPATCHER}),
    "dispatch": frozenset({DISPATCHER}),
    "handle": frozenset({DEPARTMENT}),
    "settle": frozenset({DISPATCHER, CADRE, WORKER, CHIEF, PATROL}),
    "inspect": frozenset({DISPATCHER, CADRE, WORKER}),
    "close": frozenset({DISPATCHER}),
    "ask_void": frozenset({DISPATCHER, CADRE, DEPARTMENT}),
    "grant": frozenset({LEADER, DISPATCHER}),
    "resume": frozenset({DISPATCHER, DEPARTMENT}),
    "supervise": frozenset({LEADER, DISPATCHER}),
    "reply": frozenset({DISPATCHER, DEPARTMENT}),
    "reopen": frozenset({LEADER, DISPATCHER}),
    "evaluate": frozenset({LEADER, DISPATCHER}),
    "contest": frozenset({DISPATCHER, CADRE, DEPARTMENT}),
    "decide_contest": frozenset({LEADER}),
    "keep_evaluation": frozenset({LEADER}),
    "rule": frozenset({LEADER, DISPATCHER}),
    "see_contacts": frozenset({DISPATCHER, CADRE, WORKER, DEPARTMENT}),
    # coverage
    "visit": frozenset({CADRE, WORKER, CHIEF, PATROL}),
    "organise": frozenset({LEADER, DISPATCHER, CADRE}),
    "volunteer": frozenset({CADRE, WORKER, CHIEF, PATROL}),
    # people
    "appoint": frozenset({LEADER, DISPATCHER, CADRE}),
    "enrol": frozenset({LEADER, DISPATCHER, CADRE}),
    "sign": frozenset({LEADER, DISPATCHER, CADRE}),
    "hang": frozenset({LEADER, DISPATCHER, CADRE, WORKER}),
    "line": frozenset({LEADER, DISPATCHER, CADRE}),
    "public_card": frozenset({LEADER}),
    # territory
    "load": frozenset({LEADER}),
    "draft": frozenset({PLANNER}),
    "review": frozenset({LEADER}),
    "publish": frozenset({LEADER}),
    # the system itself
    "carry": frozenset({LEADER, ADMIN}),
    "see_history": frozenset({LEADER, DISPATCHER, CADRE, AUDITOR}),
    "administer": frozenset({ADMIN}),
}
