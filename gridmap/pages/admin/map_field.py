"""A geometry in a form: GeoJSON in a field, drawn and moved on a map of our own files."""

from typing import Any

import orjson
from django import forms
from django.conf import settings
from django.contrib.gis.geos import GEOSGeometry
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from gridmap.errors import BadGeometry
from gridmap.layers.geojson import read_geometry


class MapWidget(forms.Textarea):
    """The coordinates as text, for whoever cannot use a pointer; the script puts a map above."""

    template_name = "admin/map_field.html"

    def __init__(self, kind: str) -> None:
        super().__init__({"rows": 3, "spellcheck": "false"})
        self.kind = kind

    def format_value(self, value: object) -> str | None:
        """Return a stored geometry as GeoJSON; what was typed stays as it is."""
        if isinstance(value, GEOSGeometry):
            return value.geojson
        return None if value is None else str(value)

    def get_context(self, name: str, value: object, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        context["kind"] = self.kind
        context["basemap"] = "1" if settings.TIANDITU_KEY else ""
        return context


class MapField(forms.CharField):
    """Takes what the API takes: one type, flat, finite, in the world, closed, valid."""

    def __init__(self, kind: str, **options: Any) -> None:
        self.kind = kind
        super().__init__(widget=MapWidget(kind), max_length=400_000, **options)

    def to_python(self, value: object) -> GEOSGeometry | None:  # type: ignore[override]
        """Return the geometry.

        Raises:
            ValidationError: with the reason and, where known, the place of the fault.
        """
        if isinstance(value, GEOSGeometry) or value in self.empty_values:
            return value or None  # type: ignore[return-value]
        try:
            return read_geometry(orjson.loads(str(value)), self.kind)
        except ValueError as broken:
            raise ValidationError(_("不是正确的 GeoJSON")) from broken
        except BadGeometry as refusal:
            words = _(refusal.message)
            raise ValidationError(words % refusal.detail if refusal.detail else words) from refusal

    def has_changed(self, initial: object, data: object) -> bool:
        """Return whether another shape was sent."""
        if isinstance(initial, GEOSGeometry):
            try:
                return self.to_python(data) != initial
            except ValidationError:
                return True
        return bool(data)
