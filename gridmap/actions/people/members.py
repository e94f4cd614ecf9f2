"""Who is in a team: taken in and let go by those who look after it; times are kept, not files."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils import timezone

from gridmap.actions.people.terms import Who, person_of
from gridmap.errors import BadValue, OutOfScope, WrongState
from gridmap.layers import journal
from gridmap.layers.people import Membership, Person, Team
from gridmap.layers.scope import Scope


def _team(by: Scope, pk: int) -> Team:
    """Return a team in which the caller may take people in.

    Raises:
        OutOfScope: it is not there, or in no city of the caller's.
        NotYours: the caller does not look after it.
    """
    team = Team.objects.within(by).select_related("city").filter(pk=pk).first()
    if team is None:
        raise OutOfScope("没有这支队伍，或不在您的范围内")
    by.must("enrol", team.city_id, team.community_id)
    return team


def _record(by: Scope, verb: str, member: Membership, team: Team, why: str = "") -> None:
    journal.record(
        by=by,
        verb=verb,
        subject=member,
        where=(team.city_id, team.community_id, None),
        change=({}, {"team": team.pk, "person": member.person_id}),
        why=why,
    )


@transaction.atomic
def enrol(*, by: Scope, team: int, who: Who) -> Membership:
    """Take somebody into a team from now on.

    Args:
        by: who looks after the team.
        team: its id.
        who: somebody known by id, or by a name that one person at most bears in this city.

    Raises:
        OutOfScope: no such team.
        NotYours: the caller does not look after it.
        BadValue: nobody is named, or several bear the name.
        WrongState: they are in it already.
    """
    found = _team(by, team)
    if who.person is None and (name := who.name.strip()):
        alike = list(Person.objects.filter(city=found.city, name=name).values_list("pk", flat=True))
        if len(alike) > 1:
            raise BadValue("有 %(n)s 位叫“%(name)s”，请选是哪一位", n=len(alike), name=name)
        who = Who(person=alike[0]) if alike else who
    person = person_of(found.city, who)
    now = timezone.now()
    try:
        with transaction.atomic():
            made = Membership.objects.create(
                team=found, person=person, valid=DateTimeTZRange(now, None)
            )
    except IntegrityError as twice:
        raise WrongState("%(name)s已在这支队伍里", name=person.name) from twice
    _record(by, "enrol", made, found)
    return made


@transaction.atomic
def let_go(*, by: Scope, member: int, why: str = "") -> bool:
    """End somebody's time in a team; return whether there was something to end.

    Raises:
        OutOfScope: no such membership.
        NotYours: the caller does not look after the team.
    """
    found = Membership.objects.select_for_update().filter(pk=member).first()
    if found is None:
        raise OutOfScope("没有找到，或不在您的范围内")
    team, now = _team(by, found.team_id), timezone.now()
    if found.valid.upper is not None and found.valid.upper <= now:
        return False
    if found.valid.lower is not None and found.valid.lower >= now:
        raise WrongState("还没有入队")
    found.valid = DateTimeTZRange(found.valid.lower, now)
    found.save(update_fields=["valid"])
    _record(by, "let_go", found, team, why)
    return True
