"""What planners send: operations, comments, reservations, dates. Each field is checked here."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request

from gridmap.actions.plans import Remark, Wish
from gridmap.actions.plans.wishes import Number
from gridmap.api.geometry import StrictGeometryField
from gridmap.errors import BadValue
from gridmap.layers.fabrics import UnitEdge
from gridmap.layers.plans import NUMBERS, PlanOp

WISHES = [
    PlanOp.Kind.PAINT.value,
    PlanOp.Kind.SPLIT.value,
    PlanOp.Kind.MERGE.value,
    PlanOp.Kind.EDIT.value,
    PlanOp.Kind.PIN.value,
    PlanOp.Kind.RENUMBER.value,
]

NO_CELL = gettext_lazy("须是网格的编号，或生成它的操作的 id")


class Form(serializers.Serializer[dict[str, Any]]):
    """A body that may hold the named fields and no others."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict) and (unknown := sorted(set(data) - set(self.fields))):
            raise BadValue(
                "不认识的字段 %(unknown)s；可用：%(known)s",
                unknown=", ".join(unknown)[:100],
                known=", ".join(self.fields),
            )
        return super().to_internal_value(data)


def read(kind: type[Form], request: Request) -> dict[str, Any]:
    """Return the fields of a body.

    Raises:
        BadValue, ValidationError: it does not fit.
    """
    form = kind(data=request.data)
    form.is_valid(raise_exception=True)
    return dict(form.validated_data)


@extend_schema_field({"oneOf": [{"type": "integer"}, {"type": "string", "format": "uuid"}]})
class NumberField(serializers.Field[Number, Any, Any, Any]):
    """A cell: its number in the plan, or the id of the operation that made it."""

    def to_internal_value(self, data: Any) -> Number:
        if isinstance(data, int) and not isinstance(data, bool) and 0 <= data <= NUMBERS:
            return data
        try:
            return UUID(data)
        except (ValueError, AttributeError, TypeError) as fault:
            raise serializers.ValidationError(NO_CELL) from fault

    def to_representation(self, value: Any) -> Any:
        return value


def _units() -> serializers.ListField:
    return serializers.ListField(
        child=serializers.CharField(max_length=40), default=list, max_length=65_000
    )


class OpIn(Form):
    """One operation; which fields it needs follows from its kind."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(WISHES)
    units = _units()
    to = NumberField(required=False)
    cells = serializers.ListField(child=NumberField(), default=list, max_length=NUMBERS)
    set = serializers.DictField(default=dict)
    pinned = serializers.BooleanField(default=True)


def wish_of(row: dict[str, Any]) -> Wish:
    """Return the operation in these fields."""
    return Wish(
        id=row["id"],
        kind=row["kind"],
        units=tuple(row["units"]),
        to=row.get("to"),
        cells=tuple(row["cells"]),
        fields=row["set"],
        pinned=row["pinned"],
    )


class OpsIn(Form):
    base_seq = serializers.IntegerField(min_value=0, max_value=2**31 - 1)
    ops = OpIn(many=True)


class DraftIn(Form):
    """A new draft: of a community as it is, or as a fork of a plan."""

    title = serializers.CharField(max_length=120)
    community = serializers.IntegerField(min_value=1, max_value=2**63 - 1, required=False)
    fork_of = serializers.IntegerField(min_value=1, max_value=2**63 - 1, required=False)
    seq = serializers.IntegerField(min_value=0, max_value=2**31 - 1, required=False)


class CarryForm(Form):
    """The draft on the newest fabric."""

    title = serializers.CharField(max_length=120)


class TurnIn(Form):
    """An undo, a redo, or a way back to an earlier state."""

    id = serializers.UUIDField()


class RestoreIn(TurnIn):
    seq = serializers.IntegerField(min_value=0, max_value=2**31 - 1)


class ReserveIn(Form):
    cells = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=NUMBERS), max_length=NUMBERS
    )
    hours = serializers.FloatField(default=2, min_value=0, max_value=24)


class RemarkIn(Form):
    text = serializers.CharField(max_length=2000)
    place = StrictGeometryField(kind="Point", required=False)
    cell = serializers.IntegerField(min_value=1, max_value=NUMBERS, required=False)
    unit = serializers.CharField(max_length=40, required=False)
    answers = serializers.IntegerField(min_value=1, max_value=2**63 - 1, required=False)

    @staticmethod
    def remark(row: dict[str, Any]) -> Remark:
        """Return what was said."""
        return Remark(
            text=row["text"],
            place=row.get("place"),
            no=row.get("cell"),
            unit=row.get("unit", ""),
            answers=row.get("answers"),
        )


class SettleIn(Form):
    comment = serializers.IntegerField(min_value=1, max_value=2**63 - 1)


class SeqIn(Form):
    """A decision about a plan as it is after this operation."""

    seq = serializers.IntegerField(min_value=0, max_value=2**31 - 1)


class SubmitIn(SeqIn):
    """A draft handed in, with the day its planners propose."""

    effective_from = serializers.DateField(format=None, required=False)


class VerdictIn(SeqIn):
    note = serializers.CharField(max_length=400, default="", allow_blank=True)


class NoteIn(Form):
    note = serializers.CharField(max_length=400)


class DayIn(Form):
    effective_from = serializers.DateField(format=None)


class PublicationIn(SeqIn):
    effective_from = serializers.DateField(format=None)


class DecideIn(Form):
    accept = serializers.BooleanField()


class FabricIn(Form):
    community = serializers.IntegerField(min_value=1, max_value=2**63 - 1)


class BorderIn(Form):
    """What a border of two units really is."""

    a = serializers.CharField(max_length=40)
    b = serializers.CharField(max_length=40)
    level = serializers.ChoiceField(UnitEdge.Level.choices)
    crossable = serializers.BooleanField()


class BordersIn(Form):
    borders = BorderIn(many=True)


class ProposeIn(Form):
    """What is asked of a proposal."""

    cells = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=NUMBERS), default=list
    )
    mode = serializers.ChoiceField(["fresh", "minimal_change"], default="fresh")
    target = serializers.IntegerField(min_value=1, max_value=1_000_000, default=400)
    seed = serializers.IntegerField(min_value=0, max_value=2**31 - 1, default=1)
    effort = serializers.IntegerField(min_value=0, max_value=20, default=0)
