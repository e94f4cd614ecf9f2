"""The journal in words, and the contact of an incident: masked, or opened with a reason."""

from typing import Any
from urllib.parse import urlencode

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from gridmap.actions.contacts import open_contact
from gridmap.api import answers, caller, parsing
from gridmap.errors import BadValue, OutOfScope
from gridmap.layers import chronicle
from gridmap.layers.chronicle import Wanted
from gridmap.layers.contacts import Contact
from gridmap.layers.incidents import Incident
from gridmap.layers.telling import Line

USUAL, MOST = 50, 200
SHOWN = {
    "verb": "Word of the deed, for instance report, load, direct_edit, open_contact.",
    "kind": "Kind of object, for instance building, chiefterm, incident.",
    "actor": "Account that acted.",
    "q": "Words in the reason or the values.",
    "since": "On this day or later.",
    "until": "On this day or earlier.",
}
NUMBERS = {
    "id": "Id of an object; with kind: its own history, terms and versions too.",
    "community": "Id of a community.",
    "before": "Entries older than the one with this id: the next page.",
    "page_size": f"Lines a page, at most {MOST}; usually {USUAL}.",
}
PARAMETERS = [
    *(OpenApiParameter(name, str, description=about) for name, about in SHOWN.items()),
    *(OpenApiParameter(name, answers.WHOLE, description=about) for name, about in NUMBERS.items()),
    OpenApiParameter("mine", bool, description="What the caller's own account did."),
]


def _out(line: Line) -> dict[str, Any]:
    return {
        "id": line.id,
        "at": parsing.stamp(line.at),
        "verb": line.verb,
        "verb_name": line.verb_name,
        "kind": line.kind,
        "kind_name": line.kind_name,
        "object": line.subject,
        "title": line.title,
        "community": line.community,
        "cell": line.cell,
        "who": line.who,
        "direct": line.direct,
        "why": line.why,
        "changes": [vars(change) for change in line.changes],
    }


def _check(request: Request) -> None:
    known = {*SHOWN, *NUMBERS, "mine"}
    if unknown := sorted(set(request.query_params) - known):
        raise BadValue(
            "不认识的参数 %(unknown)s；可用：%(known)s",
            unknown=", ".join(unknown)[:100],
            known=", ".join(sorted(known)),
        )


def _number(request: Request, name: str) -> int | None:
    value = request.query_params.get(name)
    return parsing.number(name, value) if value else None


class History(APIView):
    """What was changed, by whom, where, from what to what, and why: newest first."""

    @extend_schema(parameters=PARAMETERS, responses={200: answers.HISTORY})
    def get(self, request: Request) -> Response:
        """Return a page of the journal in words; fields of residents are masked for auditors."""
        _check(request)
        given = {name: request.query_params.get(name, "") for name in SHOWN}
        texts = {name: parsing.text(name, value) for name, value in given.items()}
        zone = timezone.get_default_timezone()
        scope = caller.scope(request)
        mine = parsing.yes_or_no("mine", request.query_params.get("mine") or "false")
        wanted = Wanted(
            verb=texts["verb"],
            kind=texts["kind"],
            subject=_number(request, "id"),
            community=_number(request, "community"),
            actor=texts["actor"],
            words=texts["q"],
            since=parsing.moment("since", texts["since"], zone) if texts["since"] else None,
            until=parsing.moment("until", texts["until"], zone, end=True)
            if texts["until"]
            else None,
        )
        size = parsing.number(
            "page_size", request.query_params.get("page_size") or str(USUAL), highest=MOST
        )
        page = chronicle.page(
            scope, wanted, size=size, before=_number(request, "before"), mine=mine
        )
        following = None
        if page.before is not None:
            query = [(n, v) for n, v in request.query_params.items() if n != "before"]
            following = f"{request.path}?{urlencode([*query, ('before', page.before)])}"
        return Response({"results": [_out(line) for line in page.lines], "next": following})


class WhyIn(serializers.Serializer[dict[str, Any]]):
    """The reason for which a contact is opened."""

    why = serializers.CharField(max_length=400)


class IncidentContact(APIView):
    """How to reach whoever reported an incident."""

    @extend_schema(responses={200: answers.CONTACT_MASKED})
    def get(self, request: Request, pk: int) -> Response:
        """Return the masked contact, empty where none was left, and whether one may open it."""
        scope = caller.scope(request)
        found = Contact.objects.within(scope).select_related("incident").filter(incident=pk).first()
        if found is not None:
            said = {"name": found.masked_name, "phone": found.masked_phone}
            return Response({**said, "may_open": found.may_be_opened(scope)})
        if not Incident.objects.within(scope).filter(pk=pk).exists():
            raise OutOfScope("没有找到，或不在您的范围内")
        return Response({"name": "", "phone": "", "may_open": False})

    @extend_schema(request=WhyIn, responses={200: answers.CONTACT})
    def post(self, request: Request, pk: int) -> Response:
        """Open the contact: the reason, the account and the time go to the journal."""
        form = WhyIn(data=request.data)
        form.is_valid(raise_exception=True)
        found = open_contact(by=caller.scope(request), incident=pk, why=form.validated_data["why"])
        return Response({"name": found.name, "phone": found.phone})
