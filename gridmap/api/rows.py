"""What the lists and details of things without a shape have in common."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from gridmap.api import caller, filters, paging, parsing
from gridmap.api.filters import Asked, Filter
from gridmap.errors import OutOfScope


class RowsViewSet(GenericViewSet[Any]):
    """A list in plain JSON pages, and one row at a time.

    Attributes:
        layer: name in addresses.
        filters: the parameters of the list.
        order: ascending columns of the list, the last unique; never chosen by the caller.
    """

    layer: ClassVar[str]
    filters: ClassVar[tuple[Filter, ...]] = ()
    order: ClassVar[tuple[str, ...]] = ("pk",)
    lookup_value_converter = "int"

    def rows(self, asked: Asked) -> QuerySet[Any]:
        """Return everything of this kind that the caller may see."""
        raise NotImplementedError

    def list(self, request: Request) -> Response:
        """Return a page of rows."""
        filters.check_names(request, self.filters)
        asked = filters.asked(request, caller.scope(request))
        rows = filters.applied(self.rows(asked), request, self.filters, asked)
        size = paging.page_size(request)
        page = paging.continued(rows, self.order, request.query_params.get("cursor"))
        found = list(page[: size + 1])
        body: dict[str, object] = {
            "results": self.get_serializer(found[:size], many=True).data,
            "next": None,
        }
        if len(found) > size:
            last = [getattr(found[size - 1], column) for column in self.order]
            body["next"] = paging.next_address(request, self.order, last)
        if parsing.yes_or_no("count", request.query_params.get("count", "false")):
            body["total"] = rows.count()
        return Response(body)

    def retrieve(self, request: Request, pk: int) -> Response:
        """Return one row; absent and forbidden look the same."""
        asked = filters.asked(request, caller.scope(request))
        found = self.rows(asked).filter(pk=pk).first()
        if found is None:
            raise OutOfScope("没有找到，或不在您的范围内")
        return Response(self.get_serializer(found).data)
