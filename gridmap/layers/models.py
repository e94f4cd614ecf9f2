"""Every table, by subject; nothing is defined here."""

import gridmap.layers.history  # noqa: F401 - makes the tables of versions
from gridmap.layers.accounts import Account, RecoveryCode
from gridmap.layers.fabrics import Fabric, Unit, UnitEdge, UnitLineage
from gridmap.layers.incidents import Category, Incident
from gridmap.layers.jobs import Job
from gridmap.layers.journal import Entry, JournalSeal
from gridmap.layers.loads import Load
from gridmap.layers.patrols import EntranceSeen, StretchSeen, Visit
from gridmap.layers.people import ChiefTerm, Department, Membership, Person, Team, TeamArea
from gridmap.layers.places import (
    Building,
    Entrance,
    Headcount,
    Lane,
    PartyUnit,
    Street,
    Stretch,
)
from gridmap.layers.plans import (
    Comment,
    Plan,
    PlanCell,
    PlanHead,
    PlanOp,
    PlanSnapshot,
    Reservation,
)
from gridmap.layers.postings import Posting
from gridmap.layers.publications import CellHandover, CellLineage, Publication, UnitCell
from gridmap.layers.rollup import CellStat, Change, Clock, Delta
from gridmap.layers.sessions import UserSession
from gridmap.layers.sign_ins import SignInFailure
from gridmap.layers.territory import (
    Cell,
    CellEdition,
    City,
    Community,
    Ground,
    PlaceCode,
    Subdistrict,
)

__all__ = [
    "Account",
    "Building",
    "Category",
    "Cell",
    "CellEdition",
    "CellHandover",
    "CellLineage",
    "CellStat",
    "Change",
    "ChiefTerm",
    "City",
    "Clock",
    "Comment",
    "Community",
    "Delta",
    "Department",
    "Entrance",
    "EntranceSeen",
    "Entry",
    "Fabric",
    "Ground",
    "Headcount",
    "Incident",
    "Job",
    "JournalSeal",
    "Lane",
    "Load",
    "Membership",
    "PartyUnit",
    "Person",
    "PlaceCode",
    "Plan",
    "PlanCell",
    "PlanHead",
    "PlanOp",
    "PlanSnapshot",
    "Posting",
    "Publication",
    "RecoveryCode",
    "Reservation",
    "SignInFailure",
    "Street",
    "Stretch",
    "StretchSeen",
    "Subdistrict",
    "Team",
    "TeamArea",
    "Unit",
    "UnitCell",
    "UnitEdge",
    "UnitLineage",
    "UserSession",
    "Visit",
]
