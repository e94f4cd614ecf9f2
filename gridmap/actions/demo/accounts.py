"""Accounts to look around with: they exist only beside a demo city, password = user name."""

from __future__ import annotations

from typing import NamedTuple

from django.contrib.auth.hashers import PBKDF2PasswordHasher, check_password
from django.contrib.auth.models import User
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Count, Q

from gridmap.actions.demo.people import Calendar
from gridmap.actions.demo.stage import Stage
from gridmap.errors import WrongState
from gridmap.layers.incidents import Light
from gridmap.layers.people import ChiefTerm, Department, Person, Team
from gridmap.layers.postings import Posting, Role
from gridmap.layers.territory import City, Community, Subdistrict

MARK = "@demo.invalid"  # the reserved domain of an address that is nobody's (RFC 2606)
ADMIN = "admin"


class Account(NamedTuple):
    """A demo account: its title, its role, and the name or code of its area.

    Whoever bears an office is posted as the person who holds most of it there: ``office``.
    """

    title: str
    role: Role
    subdistrict: str = ""
    community: str = ""
    department: str = ""
    office: str = ""


HOME = "一路社区"
ACCOUNTS = {
    "leader": Account("街道领导", Role.LEADER),
    "duty": Account("值班长", Role.DISPATCHER, subdistrict="列东街道"),
    "cadre": Account("社区干部", Role.CADRE, community=HOME),
    "worker": Account("网格员", Role.WORKER, community=HOME, office="cell_worker"),
    "chief": Account("楼长", Role.CHIEF, community=HOME, office="building"),
    "patrol": Account("巡防队员", Role.PATROL, community=HOME),
    "planner": Account("规划员", Role.PLANNER),
    "sanitation": Account("环卫经办", Role.DEPARTMENT, department="sanitation"),
    "auditor": Account("审计员", Role.AUDITOR),
    ADMIN: Account("系统管理员", Role.ADMIN),
}


def create(stage: Stage) -> None:
    """Make the accounts or renew them, with their postings.

    Raises:
        WrongState: the city is no demo, or a name belongs to somebody else's account.
    """
    stage.begin("accounts")
    if not stage.city.demo:
        raise WrongState("%(city)s 不是演示城，不建演示账号", city=stage.city.name)
    # Whoever governs a real city in the same database is not given an open door to it.
    alone = not City.objects.filter(demo=False).exists()
    names = [name for name in ACCOUNTS if alone or name != ADMIN]
    taken = User.objects.filter(username__in=names).exclude(email__endswith=MARK)
    if taken.exists():
        raise WrongState(
            "用户名 %(names)s 已有人用，演示账号放不进来：先改名或删掉",
            names="、".join(taken.values_list("username", flat=True)),
        )
    since = DateTimeTZRange(Calendar(stage.now, stage.dice("accounts")).day(-365), None)
    for name in names:
        account = ACCOUNTS[name]
        facts = {
            "email": name + MARK,
            "first_name": f"{account.title}（演示）",
            "is_active": True,
            "is_staff": name == ADMIN,
            "is_superuser": name == ADMIN,
        }
        user, new = User.objects.update_or_create(username=name, defaults=facts)
        # A password that is as it should be stays, and with it whoever is signed in.
        if new or not check_password(name, user.password):
            user.password = _password(name)
            user.save(update_fields=["password"])
        Posting.objects.create(user=user, role=account.role, valid=since, **_area(stage, account))
    stage.counts["accounts"] = len(names)


def _password(name: str) -> str:
    """Encode a password everybody knows: once is enough, signing in renews it."""
    hasher = PBKDF2PasswordHasher()
    return hasher.encode(name, hasher.salt(), iterations=1)


def _area(stage: Stage, account: Account) -> dict[str, object]:
    """Return the area of a posting; a demo without the named place gives its first one."""
    area: dict[str, object] = {"city": stage.city}
    if account.subdistrict:
        subdistricts = Subdistrict.objects.filter(city=stage.city)
        area["subdistrict"] = (
            subdistricts.filter(name=account.subdistrict).first() or subdistricts.first()
        )
    if account.department:
        area["department"] = Department.objects.get(city=stage.city, code=account.department)
    if account.community:
        communities = Community.objects.filter(subdistrict__city=stage.city)
        community = communities.filter(name=account.community).first() or communities.first()
        if account.office:
            area["person"] = _bearer(stage.city, community, account.office)
        elif account.role == Role.PATROL:
            area["team"] = Team.objects.filter(community=community, kind="patrol").first()
        else:
            area["community"] = community
    return area


def _bearer(city: City, community: Community | None, office: str) -> Person | None:
    """Return who holds most objects of an office in a community now, or else in its city.

    Of those with equally many, the one at whose cell most is open: a quiet cell shows a visitor
    nothing.
    """
    thing = "cell" if office.startswith("cell") else office
    held = ChiefTerm.objects.current().filter(office=office, standing="acting")
    inside = held.filter(**{f"{thing}__community": community})
    here = inside if inside.exists() else held.filter(person__city=city)
    open_there = Count("cell__incidents", filter=~Q(cell__incidents__light=Light.NONE))
    most = (
        here.values("person")
        .annotate(n=Count("pk", distinct=True), busy=open_there)
        .order_by("-n", "-busy", "person")
        .first()
    )
    return Person.objects.get(pk=most["person"]) if most else None
