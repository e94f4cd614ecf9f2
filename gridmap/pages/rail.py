"""The rail: which pages there are, for whom; one table for the map's script and the plain pages."""

from dataclasses import dataclass

from django.http import Http404
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from gridmap.layers.rights import RIGHTS
from gridmap.layers.scope import Scope


@dataclass(frozen=True)
class Stop:
    """One page of the rail.

    Attributes:
        name: of its address in a URLconf; an installation without it has no such stop.
        icon: one of icons.svg.
        word: msgid of what stands under the icon.
        roles: only for those who hold one of these; empty: for everybody.
        keeps: a superuser opens it too, without any posting.
    """

    name: str
    icon: str
    word: str
    roles: frozenset[str] = frozenset()
    keeps: bool = False

    def is_for(self, roles: frozenset[str], *, superuser: bool = False) -> bool:
        """Return whether somebody with these roles may open it."""
        return not self.roles or bool(self.roles & roles) or (self.keeps and superuser)


# Roles with cells or things of their own, which the light map can show.
WITH_AREA = frozenset({"leader", "dispatcher", "cadre", "worker", "chief", "patrol", "planner"})
ON_DESK = frozenset({"leader", "dispatcher", "cadre", "worker", "department"})
# Roles that answer for figures of a period: they see its cases, and may contest or decide.
WITH_FIGURES = frozenset({"leader", "dispatcher", "cadre", "department"})
WITH_SIGNS = frozenset({"leader", "dispatcher", "cadre", "worker"})
# Roles that walk a beat of their own.
WITH_BEAT = frozenset({"patrol", "worker", "chief"})
STOPS = (
    Stop("map", "map", gettext_noop("地图")),
    Stop("desk", "flag", gettext_noop("事件"), roles=ON_DESK),
    Stop("beat", "walk", gettext_noop("我的巡区"), roles=WITH_BEAT),
    Stop("chiefs", "ladder", gettext_noop("三长"), roles=WITH_AREA - {"patrol", "planner"}),
    Stop("signs", "signpost", gettext_noop("公示牌"), roles=WITH_SIGNS),
    Stop("patrols", "people", gettext_noop("巡查"), roles=WITH_AREA - {"planner"}),
    Stop("plans", "edit", gettext_noop("规划"), roles=frozenset({"planner", "leader"})),
    Stop("period-figures", "chart", gettext_noop("考核"), roles=WITH_FIGURES),
    Stop("light", "feather", gettext_noop("轻量地图"), roles=WITH_AREA),
    Stop("history", "history", gettext_noop("沿革")),
    Stop("docs", "book", gettext_noop("接口")),
    # As the administration itself opens (`gridmap.pages.admin.site`), not by a flag beside it.
    Stop("admin:index", "gear", gettext_noop("管理"), roles=RIGHTS["administer"], keeps=True),
)


def leads_to(scope: Scope, name: str) -> bool:
    """Return whether the rail shows the caller this stop."""
    return next(stop for stop in STOPS if stop.name == name).is_for(scope.roles)


def must_stop(scope: Scope, name: str) -> None:
    """Let only those pass whom the rail leads to a page.

    Raises:
        Http404: to everybody else it is not there.
    """
    if not leads_to(scope, name):
        raise Http404(_("没有找到，或不在您的范围内"))


def rail(roles: frozenset[str], *, superuser: bool) -> list[dict[str, str]]:
    """Return the stops this caller may open, in their order: name, href, icon and word."""
    found = []
    for stop in STOPS:
        if not stop.is_for(roles, superuser=superuser):
            continue
        try:
            href = reverse(stop.name)
        except NoReverseMatch:
            continue
        found.append({"name": stop.name, "href": href, "icon": stop.icon, "word": _(stop.word)})
    return found
