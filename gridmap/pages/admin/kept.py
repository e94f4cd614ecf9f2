"""How a table is kept: lists within the caller's cities, saves and deletes by deeds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, time
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.gis.db.models import GeometryField
from django.contrib.postgres.fields import DateRangeField, DateTimeRangeField
from django.contrib.postgres.forms import DateRangeField as DateRange
from django.contrib.postgres.forms import DateTimeRangeField as DateTimeRange
from django.contrib.postgres.forms import RangeWidget
from django.db import IntegrityError, models
from django.db.backends.postgresql.psycopg_any import Range
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gridmap.actions import reference
from gridmap.errors import Refusal
from gridmap.layers.postings import scope_of
from gridmap.layers.territory import City
from gridmap.pages.admin.map_field import MapField
from gridmap.pages.admin.site import scope, site
from gridmap.pages.views import MAPLIBRE

REFUSED = "_refused"
LABELS = {
    "address": gettext_lazy("地址"),
    "approval": gettext_lazy("审图号"),
    "language": gettext_lazy("外发通知的语言"),
    "category": gettext_lazy("类别"),
    "channel": gettext_lazy("渠道"),
    "made_at": gettext_lazy("产生于"),
    "tries": gettext_lazy("次数"),
    "trouble": gettext_lazy("原因"),
    "closing": gettext_lazy("结案标准"),
    "condition": gettext_lazy("情形"),
    "filing": gettext_lazy("立案条件"),
    "limit": gettext_lazy("时限"),
    "not_before": gettext_lazy("不早于（时刻）"),
    "number": gettext_lazy("序号"),
    "place_class": gettext_lazy("地点类别"),
    "standard": gettext_lazy("立结案标准"),
    "state": gettext_lazy("环节"),
    "unit": gettext_lazy("计时单位"),
    "urgent": gettext_lazy("紧急"),
    "begins": gettext_lazy("开始"),
    "bounds": gettext_lazy("城市范围"),
    "city": gettext_lazy("城市"),
    "code": gettext_lazy("编码"),
    "community": gettext_lazy("社区"),
    "day": gettext_lazy("日期"),
    "days": gettext_lazy("天数"),
    "department": gettext_lazy("部门"),
    "ends": gettext_lazy("结束"),
    "former_name": gettext_lazy("曾用名"),
    "hours": gettext_lazy("服务时间"),
    "is_active": gettext_lazy("启用"),
    "kind": gettext_lazy("种类"),
    "linked_at": gettext_lazy("关联于"),
    "limit_hours": gettext_lazy("时限（小时）"),
    "name": gettext_lazy("名称"),
    "name_en": gettext_lazy("英文名称"),
    "parent": gettext_lazy("上级类别"),
    "person": gettext_lazy("任职人"),
    "phone": gettext_lazy("电话"),
    "place": gettext_lazy("位置"),
    "rank": gettext_lazy("次序"),
    "role": gettext_lazy("角色"),
    "season": gettext_lazy("季节"),
    "slug": gettext_lazy("代号"),
    "source": gettext_lazy("依据"),
    "subject": gettext_lazy("外部身份标识"),
    "subdistrict": gettext_lazy("街道"),
    "team": gettext_lazy("队伍"),
    "thing": gettext_lazy("对象"),
    "text": gettext_lazy("内容"),
    "text_en": gettext_lazy("英文内容"),
    "user": gettext_lazy("账号"),
    "valid": gettext_lazy("有效期"),
    "value": gettext_lazy("值"),
    "way": gettext_lazy("来源"),
}


def words(refusal: Refusal) -> str:
    """Return a refusal in the caller's language."""
    text = _(refusal.message)
    return text % refusal.detail if refusal.detail else text


def column(name: str) -> Callable[[models.Model], str]:
    """Return a column of a list under the word people know."""

    @admin.display(description=LABELS[name], ordering=name)
    def show(row: models.Model) -> str:
        told = getattr(row, f"get_{name}_display", None)
        return _(str(told())) if told is not None else _shown(getattr(row, name))

    return show


def _shown(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, Range):
        return f"{_shown(value.lower)} – {'' if value.upper is None else _shown(value.upper)}"
    if isinstance(value, datetime):
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M}"
    return f"{value:%H:%M}" if isinstance(value, time) else str(value)


class OwnCity(admin.RelatedFieldListFilter):
    """A filter by city that names those the caller administers and no other."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> Any:
        del model_admin
        own = {"pk__in": scope(request).cities_where("administer")}
        return field.get_choices(include_blank=False, limit_choices_to=own)


class Worded(admin.ChoicesFieldListFilter):
    """A filter whose choices speak the caller's language."""

    def choices(self, changelist: Any) -> Any:
        for choice in super().choices(changelist):
            yield {**choice, "display": _(str(choice["display"]))}


class When(RangeWidget):
    """Two fields, first and last, with the browser's own pickers."""

    def __init__(self, kind: str) -> None:
        formats = {"date": "%Y-%m-%d", "datetime-local": "%Y-%m-%dT%H:%M"}
        input_of = forms.DateInput if kind == "date" else forms.DateTimeInput
        super().__init__(input_of({"type": kind}, format=formats[kind]))


class KeptForm(forms.ModelForm):  # type: ignore[type-arg]
    """A form that carries the reason, and repeats what the deed refused."""

    why = forms.CharField(label=gettext_lazy("变更原因"), max_length=200, required=False)
    refused: str = ""

    def clean(self) -> dict[str, Any] | None:
        found = super().clean()
        if self.refused:
            raise forms.ValidationError(self.refused)
        return found


class Kept(admin.ModelAdmin):  # type: ignore[type-arg]
    """The administration's page of one table of reference data."""

    form = KeptForm
    actions = None
    list_per_page = 50
    show_facets = admin.ShowFacets.NEVER
    within_city = "city_id"  # where a row's city stands
    maps = False  # whether the form holds a geometry
    own_labels: Mapping[str, Any] = {}  # words that mean something else here than in LABELS

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let whoever may enter keep what is here; the deeds look at each row's city."""
        del obj
        return site.has_permission(request)

    has_change_permission = has_delete_permission = has_view_permission

    def has_add_permission(self, request: HttpRequest) -> bool:
        return site.has_permission(request)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return site.has_permission(request)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[models.Model]:
        """Rows of the cities the caller administers; the others are not there."""
        cities = scope(request).cities_where("administer")
        return super().get_queryset(request).filter(**{f"{self.within_city}__in": cities})

    def lookup_allowed(self, lookup: str, value: object, request: HttpRequest) -> bool:
        """Take the filters of the list and nothing else.

        Django lets every lookup on an own field through; one on a geometry hands the value to GDAL
        (trust.md P9).
        """
        del value, request
        names = [one if isinstance(one, str) else one[0] for one in self.list_filter]  # type: ignore[index]
        return lookup in {
            f"{name}{end}" for name in names for end in ("", "__exact", "__id__exact")
        }

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Return the list, its filters under the words people know."""
        found = super().get_changelist_instance(request)
        for shown in found.filter_specs:
            name = getattr(shown, "field_path", "")
            shown.title = self.own_labels.get(name) or LABELS.get(name, shown.title)
        return found

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the list under its own name."""
        title = self.opts.verbose_name_plural
        return super().changelist_view(request, {"title": title, **(extra_context or {})})

    def formfield_for_dbfield(
        self, db_field: models.Field[Any, Any], request: HttpRequest, **options: Any
    ) -> forms.Field | None:
        """Give each field its word, its picker or its map."""
        label = LABELS.get(db_field.name)
        if label is not None:
            options["label"] = label
        if isinstance(db_field, GeometryField):
            return MapField(KINDS[db_field.geom_type], label=options.get("label"))
        if isinstance(db_field, DateTimeRangeField):
            picker = When("datetime-local")
            return DateTimeRange(widget=picker, label=options.get("label"), required=True)
        if isinstance(db_field, DateRangeField):
            return DateRange(widget=When("date"), label=options.get("label"), required=True)
        if isinstance(db_field, models.DateField):
            options["widget"] = forms.DateInput({"type": "date"}, format="%Y-%m-%d")
        if isinstance(db_field, models.TimeField):
            options["widget"] = forms.TimeInput({"type": "time"}, format="%H:%M")
        return super().formfield_for_dbfield(db_field, request, **options)

    def formfield_for_choice_field(
        self, db_field: Any, request: HttpRequest, **options: Any
    ) -> Any:
        """Offer the choices in the caller's language."""
        told = [(value, _(str(word))) for value, word in db_field.choices]
        options["choices"] = [("", "---------"), *told] if not db_field.has_default() else told
        return super().formfield_for_choice_field(db_field, request, **options)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        """Offer only what lies in the caller's cities."""
        cities = scope(request).cities_where("administer")
        rows = db_field.remote_field.model._default_manager.all()
        path = PATHS.get(db_field.remote_field.model._meta.model_name)
        if path is not None:
            options["queryset"] = rows.filter(**{f"{path}__in": cities})
        return super().formfield_for_foreignkey(db_field, request, **options)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's order
        """Keep the row by the deed."""
        del change
        reference.keep(by=scope(request), row=obj, why=form.cleaned_data.get("why", ""))

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Remove the row by the deed."""
        reference.remove(by=scope(request), row=obj)

    def get_form(self, request: HttpRequest, obj: Any = None, *given: Any, **options: Any) -> Any:
        """Return the form; after a refusal, one that shows it beside what was typed."""
        form = super().get_form(request, obj, *given, **options)
        form.refused = getattr(request, REFUSED, "")  # type: ignore[attr-defined]
        return form

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:  # fmt: skip
        """Show or save; what the deed or the database refuses is said on the form."""
        grounds = _grounds(request) if self.maps else []
        extra_context = {
            "maps": self.maps,
            "grounds": grounds,
            "library": MAPLIBRE,
            **(extra_context or {}),
        }
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except (Refusal, IntegrityError) as no:
            if isinstance(no, Refusal):
                setattr(request, REFUSED, words(no))
            else:
                setattr(request, REFUSED, _("与已有的数据冲突，没有保存"))
            return super().changeform_view(request, object_id, form_url, extra_context)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Ask, and delete; a refusal is said above the row, which is still there."""
        try:
            return super().delete_view(request, object_id, extra_context)
        except Refusal as no:
            self.message_user(request, words(no), messages.ERROR)
            return HttpResponseRedirect("../change/")

    # The journal tells who changed what; Django's own log beside it would tell half of it.
    def log_addition(self, *_told: object) -> None:  # type: ignore[override]
        """Leave it to the journal."""

    log_change = log_deletions = log_addition  # type: ignore[assignment]


def _grounds(request: HttpRequest) -> list[dict[str, object]]:
    """The cities a map may begin with: an empty field shows the ground, not the whole world.

    ``ways``: whether the caller may read streets and lanes there; a superuser has no posting.
    """
    held, posted = scope(request), scope_of(request.user.pk or 0).ground
    own = City.objects.within(held).filter(pk__in=held.cities_where("administer"))
    return [
        {
            "id": city.pk,
            "slug": city.slug,
            "bounds": city.bounds.extent,
            "ways": city.pk in posted,
        }
        for city in own
    ]


KINDS = {"POINT": "Point", "POLYGON": "Polygon", "MULTIPOLYGON": "MultiPolygon"}
# Where the city stands in the rows a field may point to.
PATHS = {
    "city": "pk",
    "subdistrict": "city_id",
    "community": "subdistrict__city_id",
    "department": "city_id",
    "category": "city_id",
    "standard": "category__city_id",
    "person": "city_id",
    "team": "city_id",
    "cell": "community__subdistrict__city_id",
    "street": "city_id",
    "lane": "city_id",
    "building": "city_id",
}
