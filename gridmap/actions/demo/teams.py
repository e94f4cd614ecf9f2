"""The demo's volunteer teams, their members and the cells they look after."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from gridmap.actions.demo.names import invented, relay_phone
from gridmap.actions.demo.people import Calendar
from gridmap.actions.demo.stage import Stage
from gridmap.geo.pinyin import search_text
from gridmap.layers.people import Membership, Person, Team, TeamArea
from gridmap.layers.territory import CellEdition, Community

TEAMS = 60
MOST_PER_COMMUNITY = 3
CELLS_OF_ONE_PATROL = 20  # a community with more cells has a second patrol team
KINDS = {
    "persuasion": "文明劝导队", "arts": "文艺队", "environment": "环保志愿队",
    "legal": "法律服务队",
}  # fmt: skip
MEMBERS = (6, 14)
LEFT_SHARE = 0.1  # of the members: who left again


class Plan(NamedTuple):
    """A team to be made: the cells are those a patrol team looks after."""

    name: str
    kind: str
    community: int
    cells: tuple[int, ...]


def planned(communities: dict[int, tuple[str, list[int]]]) -> list[Plan]:
    """Return the teams of the demo: patrols for every cell, then one of the other kinds in turn.

    Args:
        communities: name and cells of each community, by its id.
    """
    teams: list[Plan] = []
    for key, (name, cells) in communities.items():
        halves = 2 if len(cells) > CELLS_OF_ONE_PATROL else 1
        for number in range(halves):
            part = cells[number * len(cells) // halves : (number + 1) * len(cells) // halves]
            which = "一二"[number] if halves > 1 else ""
            teams.append(Plan(f"{name}巡防{which}队", "patrol", key, tuple(part)))
    wanted = min(TEAMS, MOST_PER_COMMUNITY * len(communities))
    areas, kinds = list(communities.items()), list(KINDS.items())
    for turn in range(len(areas)):
        for place, (kind, title) in enumerate(kinds[: wanted - len(teams)]):
            key, (name, _) = areas[(turn + place * len(areas) // len(kinds)) % len(areas)]
            teams.append(Plan(f"{name}{title}", kind, key, ()))
    return teams


def load_teams(stage: Stage) -> None:
    """Write teams, members and areas; remember which teams look after which cell."""
    stage.begin("teams")
    teams = planned(dict(_communities(stage)))
    keys = stage.write(
        Team,
        "city_id community_id name kind search",
        [
            (stage.city.pk, team.community, team.name, team.kind, search_text(team.name))
            for team in teams
        ],
    )
    calendar = Calendar(stage.now, stage.dice("teams"))
    areas = []
    for key, team in zip(keys, teams, strict=True):
        since = DateTimeTZRange(calendar.day(-calendar.dice.randint(200, 900)), None)
        for cell in team.cells:
            areas.append((key, cell, since))
            stage.patrols[cell] = key
    stage.write(TeamArea, "team_id cell_id valid", areas)
    _write_members(stage, keys, calendar)


def _communities(stage: Stage) -> Iterator[tuple[int, tuple[str, list[int]]]]:
    cells: dict[int, list[int]] = defaultdict(list)
    present = CellEdition.objects.current().filter(cell__community__in=stage.communities.values())
    for community, cell in present.order_by("code").values_list("cell__community", "cell"):
        cells[community].append(cell)
    for area in Community.objects.filter(pk__in=stage.communities.values()):
        yield area.pk, (area.name, cells[area.pk])


def _write_members(stage: Stage, teams: list[int], calendar: Calendar) -> None:
    dice = calendar.dice
    names = invented(stage.dice("members"))
    of_team = [team for team in teams for _ in range(dice.randint(*MEMBERS))]
    offset = stage.counts["persons"]
    people = stage.write(
        Person,
        "city_id name search relay_phone",
        [
            (stage.city.pk, name, search_text(name), relay_phone(offset + number))
            for number, (name, _) in enumerate(zip(names, of_team, strict=False))
        ],
    )
    joined = []
    for team, person in zip(of_team, people, strict=True):
        begun = calendar.day(-dice.randint(100, 1000))
        ended = calendar.day(-dice.randint(5, 90)) if dice.random() < LEFT_SHARE else None
        joined.append((team, person, DateTimeTZRange(begun, ended)))
    stage.write(Membership, "team_id person_id valid", joined)
