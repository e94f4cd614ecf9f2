"""What OpenAPI says about this door: one document without references to elsewhere."""

from typing import Any

from django.conf import settings
from drf_spectacular.extensions import (
    OpenApiAuthenticationExtension,
    OpenApiSerializerFieldExtension,
)
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.utils import Direction, OpenApiParameter
from rest_framework import serializers

from gridmap.api import answers, paging
from gridmap.api.filters import Filter

PAGE = {"type": "integer", "minimum": 1, "maximum": paging.LARGEST_PAGE}
NEXT = {"type": "string", "nullable": True, "description": "Address of the next page."}
TOTAL = {"type": "integer", "description": "How many there are; only with count=true."}
LISTS = (
    Filter("page_size", f"Rows a page; usually {paging.USUAL_PAGE}.", Filter.keep, PAGE),
    Filter("cursor", "From the address in next.", Filter.keep),
    Filter("count", "Whether to count the whole list.", Filter.keep, {"type": "boolean"}),
)
FIELDS = Filter("fields", "Names of the properties wanted, separated by commas.", Filter.keep)
WHOLE = Filter("all", "Every feature as one file, without pages.", Filter.keep, {"type": "boolean"})
# Which refusals any operation may answer with; the names stand in docs/api.md.
REFUSALS = {
    400: "A value that cannot be used: code, message and detail say which and why.",
    401: "Not signed in.",
    403: "Not allowed, or the CSRF token is missing.",
    404: "Absent, or not the caller's to see: the two look the same.",
    406: "Something else than JSON was asked for.",
}
REFUSALS_OF_A_DEED = {
    **REFUSALS,
    409: "Conflicts with what is stored.",
    415: "The body is not application/json.",
    422: "The place lies outside everything we govern.",
}


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Django's session cookie."""

    target_class = "gridmap.api.caller.Session"
    name = "session"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:  # noqa: ARG002
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}


class StrictGeometryScheme(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """A GeoJSON geometry of one type."""

    target_class = "gridmap.api.geometry.StrictGeometryField"
    priority = 1

    def map_serializer_field(
        self,
        auto_schema: AutoSchema,  # noqa: ARG002
        direction: Direction,  # noqa: ARG002
    ) -> dict[str, Any]:
        position: dict[str, Any] = {
            "type": "array",
            "items": {"type": "number"},
            "minItems": 2,
            "maxItems": 2,
            "example": [117.64, 26.27],
        }
        return answers.thing(
            type={"type": "string", "enum": [self.target.kind]}, coordinates=position
        )


class Schema(AutoSchema):
    """Parameters from the filters of a list, refusals for every operation."""

    def get_override_parameters(self) -> list[Any]:
        override = super().get_override_parameters()
        if override or getattr(self.view, "action", None) not in {"list", "retrieve"}:
            return override
        known: tuple[Filter, ...] = (FIELDS,) if self._is_layer() else ()
        if getattr(self.view, "action", None) == "list":
            known = (*getattr(self.view, "filters", ()), *known, *self._list_parameters())
        return [
            OpenApiParameter(item.name, dict(item.schema), description=item.about) for item in known
        ]

    def _is_layer(self) -> bool:
        return hasattr(self.view, "chosen")

    def _list_parameters(self) -> tuple[Filter, ...]:
        if self._is_layer():
            return (*LISTS, WHOLE)
        return LISTS if hasattr(self.view, "layer") else ()

    def get_response_serializers(self) -> Any:
        return self._listed(super().get_response_serializers())

    def _get_response_bodies(self, direction: Direction = "response") -> dict[str, Any]:
        """Add the refusals to whatever an operation answers, also where it says so itself."""
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        if self.view.__class__.__module__.startswith("drf_spectacular"):
            return bodies
        refusals = REFUSALS if self.method == "GET" else REFUSALS_OF_A_DEED
        content = {"application/json": {"schema": self._refusal()}}
        for code, text in refusals.items():
            bodies[str(code)] = {"content": content, "description": text}
        return bodies

    def _listed(self, found: Any) -> Any:
        """Return the schema of a page where the view lists rows of a serializer."""
        if getattr(self.view, "action", None) != "list" or not hasattr(self.view, "layer"):
            return found
        row = self.resolve_serializer(found, "response").ref
        page: dict[str, Any] = {"next": NEXT, "total": TOTAL}
        if self._is_layer():
            kind = {"type": "string", "enum": ["FeatureCollection"]}
            page |= {"type": kind, "features": {"type": "array", "items": row}}
            required = ["type", "features"]
        else:
            page |= {"results": {"type": "array", "items": row}}
            required = ["results", "next"]
        schema = {"type": "object", "properties": page, "required": required}
        other = getattr(self.view, "other_answer", None)
        return {200: {"oneOf": [schema, other]} if other else schema}

    def _get_response_for_code(
        self,
        serializer: Any,
        status_code: str,
        media_types: list[str] | None = None,
        direction: Direction = "response",
    ) -> dict[str, Any]:
        """Take a written-out schema as it stands, without wrapping it in a list."""
        if not isinstance(serializer, dict):
            found: dict[str, Any] = super()._get_response_for_code(  # type: ignore[no-untyped-call]
                serializer, status_code, media_types, direction
            )
            return found
        kinds = ["application/json"]
        if getattr(self.view, "action", None) == "list" and self._is_layer():
            kinds.append("application/geo+json")
        return {"content": {kind: {"schema": serializer} for kind in kinds}, "description": ""}

    def _refusal(self) -> dict[str, str]:
        component = ResolvedComponent(  # type: ignore[no-untyped-call]
            name="Refusal",
            type=ResolvedComponent.SCHEMA,
            schema=answers.REFUSAL,
            object=serializers.Serializer,
        )
        self.registry.register_on_missing(component)
        return dict(component.ref)
