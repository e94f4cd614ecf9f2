"""What we ask of those who report (填报负担): things typed, reports a week, and what forms ask."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from gridmap.layers.burden import MANY, typed_by_source, weekly
from gridmap.layers.city_settings import CitySetting, city_setting
from gridmap.layers.incidents import Incident
from gridmap.layers.territory import City
from gridmap.pages.desk import desk
from gridmap.pages.figures_view import view_of

# Compulsory are only these. Map, beat and chat report through one door of the API, residents by
# another; tests/cases/test_asked_once.py holds both to what stands here.
COMPULSORY = {
    gettext_noop("登记事件（地图）"): ("place", "category", "title"),
    gettext_noop("巡查报事件"): ("category",),
    gettext_noop("居民上报"): ("place", "category"),
    gettext_noop("微信群里的一句话"): ("text",),
}
WORDS = {
    "place": gettext_noop("地点"), "category": gettext_noop("类别"),
    "title": gettext_noop("一句话"), "text": gettext_noop("粘贴的一句话"),
}  # fmt: skip


@never_cache
@require_safe
@login_required
def burden_page(request: HttpRequest) -> HttpResponse:
    """Typed things by source, reports a worker and week by community, and what forms ask."""
    view, wrong = view_of(request)
    names = {str(value): str(word) for value, word in Incident.Source.choices}
    context = {
        "here": "period-figures",
        "city": view.city,
        "cities": City.objects.within(view.scope).order_by("demo", "slug"),
        "view": view,
        "wrong": wrong,
        "heads": [_("不超过 1 项"), *(str(n) for n in range(2, MANY)), f"{MANY}+"],
        "typed": [
            {"word": _(names[one.source]), "one": one}
            for one in typed_by_source(view.scope, view.city, view.period)
        ],
        "weekly": weekly(view.scope, view.city, view.period),
        "least": city_setting(CitySetting.Name.SMALL_NUMBER, view.city.pk),
        "asked": _asked(),
        "back": view.query_with(),
    }
    return desk(request, "figures_burden.html", view.scope, context, status=422 if wrong else 200)


def _asked() -> list[dict[str, Any]]:
    return [
        {"form": _(form), "fields": "、".join(_(WORDS[name]) for name in names), "n": len(names)}
        for form, names in COMPULSORY.items()
    ]
