"""What the lists and details of every layer have in common."""

from typing import Any, ClassVar

import orjson
from django.db.models import QuerySet
from django.http import HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from gridmap.api import caller, filters, paging, parsing, streaming
from gridmap.api.filters import Asked, Filter
from gridmap.api.serializers import FeatureSerializer, chosen_fields
from gridmap.errors import OutOfScope


class LayerViewSet(GenericViewSet[Any]):
    """A layer as a GeoJSON list, as one downloadable file, and one feature at a time.

    Attributes:
        layer: name in addresses and of the downloaded file.
        filters: the parameters of the list.
        order: ascending columns of the list, the last unique; never chosen by the caller.
        other_answer: schema of what the list may say instead of features.
    """

    layer: ClassVar[str]
    serializer_class: type[FeatureSerializer]
    filters: ClassVar[tuple[Filter, ...]] = ()
    order: ClassVar[tuple[str, ...]] = ("pk",)
    other_answer: ClassVar[dict[str, Any] | None] = None
    lookup_value_converter = "int"

    def rows(self, asked: Asked) -> QuerySet[Any]:
        """Return everything of this layer that the caller may see."""
        raise NotImplementedError

    def listed(self, request: Request) -> QuerySet[Any]:
        """Return the rows that the request asks for."""
        filters.check_names(request, self.filters)
        asked = filters.asked(request, caller.scope(request))
        return filters.applied(self.rows(asked), request, self.filters, asked)

    def sorting(self, request: Request) -> tuple[str, ...]:  # noqa: ARG002
        """Return the columns by which this list is sorted."""
        return self.order

    def chosen(self, request: Request) -> FeatureSerializer:
        """Return the serializer with the fields that the request wants."""
        kind = self.serializer_class
        return kind(only=chosen_fields(kind, request.query_params.get("fields")))

    def list(self, request: Request) -> HttpResponseBase:
        """Return a page of features, or every feature as a file with ``all=true``."""
        rows = self.listed(request)
        serializer = self.chosen(request)
        if parsing.yes_or_no("all", request.query_params.get("all", "false")):
            whole = rows.order_by(*self.sorting(request))
            return streaming.download(request._request, whole, serializer, self.layer)
        return self.page(request, rows, serializer)

    def page(
        self, request: Request, rows: QuerySet[Any], serializer: FeatureSerializer
    ) -> Response:
        """Return one page, written by the database."""
        size = paging.page_size(request)
        order = self.sorting(request)
        found = list(
            paging.continued(rows, order, request.query_params.get("cursor")).values_list(
                streaming.feature(serializer), *order
            )[: size + 1]
        )
        texts = ",".join(row[0] for row in found[:size])
        body: dict[str, object] = {
            "type": "FeatureCollection",
            "features": orjson.Fragment(f"[{texts}]"),
            "next": paging.next_address(request, order, found[size - 1][1:])
            if len(found) > size
            else None,
        }
        if parsing.yes_or_no("count", request.query_params.get("count", "false")):
            body["total"] = rows.count()
        return Response(body)

    def retrieve(self, request: Request, pk: int) -> Response:
        """Return one feature, also ``as_of`` a moment; absent and forbidden look the same."""
        kind = self.serializer_class
        only = chosen_fields(kind, request.query_params.get("fields"))
        found = self.one(self.rows(filters.asked(request, caller.scope(request))), pk)
        if found is None:
            raise OutOfScope("没有找到，或不在您的范围内")
        return Response(kind(found, only=only).data)

    def one(self, rows: QuerySet[Any], pk: int) -> Any:
        """Return the row with this id, or None."""
        return rows.filter(pk=pk).first()
