"""Every table, by subject; nothing is defined here."""

import gridmap.layers.history  # noqa: F401 - makes the tables of versions
from gridmap.layers.accounts import Account, RecoveryCode
from gridmap.layers.assessments import Contest, Evaluation
from gridmap.layers.calendars import CalendarDay, WorkSlot
from gridmap.layers.cases import (
    Application,
    Assignment,
    CaseReceipt,
    Deadline,
    Step,
    Supervision,
)
from gridmap.layers.catalogue import Authority, Milestone, Standard, StepLimit
from gridmap.layers.checklists import CheckItem
from gridmap.layers.checks import ChiefCheck
from gridmap.layers.city_settings import CitySetting
from gridmap.layers.contacts import Contact
from gridmap.layers.deliveries import Attempt, Delivery
from gridmap.layers.desk import SavedFilter
from gridmap.layers.fabrics import Fabric, Unit, UnitEdge, UnitLineage
from gridmap.layers.handovers import Handover, Receipt
from gridmap.layers.identities import Identity
from gridmap.layers.incidents import Category, Incident
from gridmap.layers.intervals import Emphasis, IntervalRule
from gridmap.layers.jobs import Job
from gridmap.layers.journal import Entry, JournalSeal
from gridmap.layers.letters import Letter
from gridmap.layers.lines import CommunityLine, DutyPoint
from gridmap.layers.loads import Load
from gridmap.layers.notices import Notice, NoticeWish, Outbox
from gridmap.layers.packs import BeatPack
from gridmap.layers.patrols import EntranceSeen, StretchSeen, Visit
from gridmap.layers.people import ChiefTerm, Department, Membership, Person, Team, TeamArea
from gridmap.layers.photos import Photo
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
from gridmap.layers.rulings import JointTask, Ruling
from gridmap.layers.service import ServiceEntry
from gridmap.layers.sessions import UserSession
from gridmap.layers.shifts import Segment, SegmentStretch, Shift, ShiftSegment, SignUp
from gridmap.layers.sign_ins import SignInFailure
from gridmap.layers.signs import Printing, Sign
from gridmap.layers.territory import (
    Cell,
    CellEdition,
    City,
    Community,
    Ground,
    PlaceCode,
    Subdistrict,
)
from gridmap.layers.twins import Twin
from gridmap.layers.withdrawn_visits import WithdrawnVisit

__all__ = [
    "Account",
    "Application",
    "Assignment",
    "Attempt",
    "Authority",
    "BeatPack",
    "Building",
    "CalendarDay",
    "CaseReceipt",
    "Category",
    "Cell",
    "CellEdition",
    "CellHandover",
    "CellLineage",
    "CellStat",
    "Change",
    "CheckItem",
    "ChiefCheck",
    "ChiefTerm",
    "City",
    "CitySetting",
    "Clock",
    "Comment",
    "Community",
    "CommunityLine",
    "Contact",
    "Contest",
    "Deadline",
    "Delivery",
    "Delta",
    "Department",
    "DutyPoint",
    "Emphasis",
    "Entrance",
    "EntranceSeen",
    "Entry",
    "Evaluation",
    "Fabric",
    "Ground",
    "Handover",
    "Headcount",
    "Identity",
    "Incident",
    "IntervalRule",
    "Job",
    "JointTask",
    "JournalSeal",
    "Lane",
    "Letter",
    "Load",
    "Membership",
    "Milestone",
    "Notice",
    "NoticeWish",
    "Outbox",
    "PartyUnit",
    "Person",
    "Photo",
    "PlaceCode",
    "Plan",
    "PlanCell",
    "PlanHead",
    "PlanOp",
    "PlanSnapshot",
    "Posting",
    "Printing",
    "Publication",
    "Receipt",
    "RecoveryCode",
    "Reservation",
    "Ruling",
    "SavedFilter",
    "Segment",
    "SegmentStretch",
    "ServiceEntry",
    "Shift",
    "ShiftSegment",
    "Sign",
    "SignInFailure",
    "SignUp",
    "Standard",
    "Step",
    "StepLimit",
    "Street",
    "Stretch",
    "StretchSeen",
    "Subdistrict",
    "Supervision",
    "Team",
    "TeamArea",
    "Twin",
    "Unit",
    "UnitCell",
    "UnitEdge",
    "UnitLineage",
    "UserSession",
    "Visit",
    "WithdrawnVisit",
    "WorkSlot",
]
