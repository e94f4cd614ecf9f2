"""Where and why places need to be seen more often: streets and lanes of a community are chosen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from gridmap.actions.emphases import LONGEST, Places, emphasise, lift_emphasis
from gridmap.errors import Refusal
from gridmap.layers.intervals import IntervalRule, Kind, Thing, effect, ways_of
from gridmap.layers.postings import scope_of
from gridmap.layers.rights import RIGHTS
from gridmap.layers.scope import Scope
from gridmap.layers.territory import City, Community
from gridmap.pages.chiefs import city_asked, number
from gridmap.pages.desk import desk
from gridmap.pages.refusals import turn_away

KINDS = {kind.value: gettext_lazy(str(kind.label)) for kind in Kind if kind is not Kind.USUAL}
DONE = {
    "emphasise": gettext_lazy("已设为重点：%(n)s 处。"),
    "lift": gettext_lazy("已取消重点：%(n)s 处。"),
}


@dataclass(frozen=True)
class Chosen:
    """What a form chooses: ways as ``lane 12``, a kind, and whether their doors are meant too."""

    ways: frozenset[str]
    kind: str
    doors: bool
    why: str

    @classmethod
    def of(cls, given: QueryDict) -> Chosen:
        """Read a form; what it leaves out is not chosen."""
        kind = given.get("kind", "")
        return cls(
            ways=frozenset(given.getlist("way")[:2000]),
            kind=kind if kind in KINDS else "",
            doors=given.get("doors") == "1",
            why=given.get("why", "").replace("\0", "")[:LONGEST],
        )

    def places(self, ways: list[dict[str, Any]]) -> Places:
        """Return the places of the ways chosen."""
        mine = [way for way in ways if _key(way) in self.ways]
        return Places(
            stretches=[pk for way in mine for pk in way["sides"]],
            entrances=[pk for way in mine for pk in way["doors"]] if self.doors else [],
        )


def _key(way: dict[str, Any]) -> str:
    return f"lane {way['lane']}" if way["lane"] else f"street {way['street']}"


def _communities(scope: Scope, city: City) -> QuerySet[Community]:
    """Return the communities in which the caller organises what is walked."""
    mine = Community.objects.within(scope).own(scope).filter(subdistrict__city=city)
    can = [row.pk for row in mine if scope.may("organise", city.pk, row.pk)]
    return mine.filter(pk__in=can).order_by("code")


def _asked(request: HttpRequest, scope: Scope) -> tuple[City, list[Community], Community]:
    """Return what the address names.

    Raises:
        Http404: the page, the city or the community is not the caller's.
    """
    if not RIGHTS["organise"] & scope.roles:
        raise Http404(_("没有找到，或不在您的范围内"))
    city = city_asked(request, scope)
    communities = list(_communities(scope, city))
    wanted = number(request.GET.get("community"))
    found = [row for row in communities if wanted in {None, row.pk}]
    if not found:
        raise Http404(_("没有这个社区，或不在您的范围内"))
    return city, communities, found[0]


def _shown(way: dict[str, Any], chosen: Chosen) -> dict[str, Any]:
    return {
        **way,
        "key": _key(way),
        "chosen": _key(way) in chosen.ways,
        "n": len(way["sides"]),
        "of_doors": len(way["doors"]),
        "badges": [
            {"word": word, "sides": way["kinds"][kind][0], "doors": way["kinds"][kind][1]}
            for kind, word in KINDS.items()
            if kind in (way["kinds"] or {})
        ],
    }


def _rules(scope: Scope, city: City) -> list[dict[str, Any]]:
    """Every kind with its days; None where the city has no rule."""
    held = IntervalRule.objects.within(scope).filter(city=city)
    days = {(rule.kind, rule.thing): rule.days for rule in held}
    words = {Kind.USUAL.value: _(str(Kind.USUAL.label)), **KINDS}
    return [
        {
            "kind": kind,
            "word": word,
            "stretch": days.get((kind, Thing.STRETCH.value)),
            "entrance": days.get((kind, Thing.ENTRANCE.value)),
        }
        for kind, word in words.items()
    ]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def emphases_page(request: HttpRequest) -> HttpResponse:
    """Streets and lanes of a community with what is emphasised: choose, see what follows, do."""
    scope = scope_of(request.user.pk or 0)
    city, communities, community = _asked(request, scope)
    chosen, ways = Chosen.of(request.POST), ways_of(community.pk)
    deed, error, follows = request.POST.get("deed", ""), "", None
    if request.method == "POST":
        places = chosen.places(ways)
        try:
            if deed in DONE:
                do = emphasise if deed == "emphasise" else lift_emphasis
                n = do(by=scope, kind=chosen.kind, places=places, why=chosen.why)
                messages.success(request, str(DONE[deed]) % {"n": n})
                back = f"?city={city.slug}&community={community.pk}"
                return HttpResponseRedirect(reverse("emphases") + back)
            follows = effect(chosen.kind, places.stretches, places.entrances, now=timezone.now())
        except Refusal as refusal:
            turn_away(refusal)
            error = _(refusal.message) % refusal.detail if refusal.detail else _(refusal.message)
    context = {
        "here": "patrols",
        "city": city,
        "cities": City.objects.within(scope).order_by("demo", "slug"),
        "communities": communities,
        "community": community,
        "ways": [_shown(way, chosen) for way in ways],
        "rules": _rules(scope, city),
        "kinds": KINDS.items(),
        "chosen": chosen,
        "follows": follows,
        "error": error,
    }
    return desk(request, "emphases.html", scope, context, status=422 if error else 200)
