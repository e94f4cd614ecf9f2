"""What the serializers of every layer are made of."""

from abc import ABC, abstractmethod
from datetime import UTC
from typing import Any

from django.db.models import Case, CharField, Expression, F, Func, Value, When
from rest_framework import serializers
from rest_framework_gis.serializers import GeoFeatureModelSerializer

from gridmap.errors import BadValue
from gridmap.layers.incidents import Light

# Words of the lights; an ended incident has none.
LIGHTS = {Light.OK: "ok", Light.SOON: "soon", Light.LATE: "late", Light.PARKED: "parked"}

ISO = 'YYYY-MM-DD"T"HH24:MI:SS"Z"'


class Written(ABC):
    """A field that the database has to write differently from the bare column."""

    @abstractmethod
    def written(self, path: str) -> Expression:
        """Return the expression whose value equals ``to_representation``."""


class Moment(Written, serializers.DateTimeField):
    """A moment in UTC to the second, ``2026-11-23T01:40:00Z``."""

    def __init__(self, **options: Any) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M:%SZ", default_timezone=UTC, **options)

    def written(self, path: str) -> Expression:
        return Func(
            F(path),
            template=f"to_char(%(expressions)s AT TIME ZONE 'UTC', '{ISO}')",
            output_field=CharField(),
        )


class LightWord(Written, serializers.ChoiceField):
    """``ok``, ``soon``, ``late`` or ``parked``; null once the incident has ended."""

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=list(LIGHTS.values()), allow_null=True, **options)

    def to_representation(self, value: Any) -> Any:
        return LIGHTS.get(Light(value))

    def written(self, path: str) -> Expression:
        words = [When(**{path: light}, then=Value(word)) for light, word in LIGHTS.items()]
        return Case(*words, output_field=CharField(null=True))


class FeatureSerializer(GeoFeatureModelSerializer):  # type: ignore[misc]
    """A row as a GeoJSON feature, longitude and latitude in EPSG:4326, to 1 cm.

    Args:
        only: names of the properties wanted; None means all.
    """

    def __init__(self, *args: Any, only: frozenset[str] | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        if only is not None:
            for name in self.property_names() - only:
                self.fields.pop(name)

    def property_names(self) -> set[str]:
        """Names of the properties, without id and geometry."""
        return set(self.fields) - {self.Meta.id_field, self.Meta.geo_field}


def chosen_fields(kind: type[FeatureSerializer], wanted: str | None) -> frozenset[str] | None:
    """Return the properties named in ``fields=code,name``.

    Raises:
        BadValue: a name that the layer does not have; the message tells which there are.
    """
    if not wanted:
        return None
    allowed = kind().property_names()
    names = frozenset(filter(None, wanted.split(",")))
    if unknown := sorted(names - allowed):
        raise BadValue(
            "没有属性 %(unknown)s；可选：%(allowed)s",
            unknown=", ".join(unknown)[:100],
            allowed=", ".join(sorted(allowed)),
        )
    return names
