"""Orders of the 12345 hotline from a sheet: first what they would become, then, if wanted, that."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from gridmap.actions.incidents import Report, report_incident
from gridmap.errors import BadValue, Refusal
from gridmap.geo.uploads import read_upload
from gridmap.layers.hotline import COLUMNS, MOST, NEEDED, Order, Reading, orders_of, read_orders
from gridmap.layers.incidents import Incident
from gridmap.layers.names import named, place_name
from gridmap.layers.postings import scope_of
from gridmap.layers.rights import RIGHTS
from gridmap.layers.scope import Scope
from gridmap.layers.territory import City
from gridmap.pages.chiefs import city_asked
from gridmap.pages.desk import desk
from gridmap.pages.refusals import turn_away

ACCEPTED = (".xlsx", ".csv")
SALT, HOURS = "12345-orders", 2
PORTION = 20  # orders that the page files with one request, some two seconds' work
MOST_SIGNS = 2_000_000  # what a form may bring back, less than DATA_UPLOAD_MAX_MEMORY_SIZE


@dataclass
class Row:
    """One order on the page."""

    reading: Reading
    made: Incident | None = None
    refusal: str = ""

    @property
    def number(self) -> str:
        """Of the case it has become, now or before."""
        case = self.made or self.reading.known
        return case.number if case else ""

    @property
    def state(self) -> str:
        """``made`` now, ``known`` from before, ``refused``, or ``ready`` to be filed."""
        if self.made:
            return "made"
        return "known" if self.reading.known else "refused" if self.trouble else "ready"

    @property
    def trouble(self) -> str:
        """Why it becomes none, in the reader's language."""
        if self.refusal or not self.reading.trouble:
            return self.refusal
        return _(self.reading.trouble) % self.reading.detail

    @property
    def note(self) -> str:
        """What was understood in another way than written, in the reader's language."""
        return _(self.reading.note) % self.reading.detail if self.reading.note else ""

    @property
    def kind(self) -> str:
        """The category in the reader's language; of a known case, its own."""
        known = self.reading.known
        return named(known.category if known else self.reading.category)

    @property
    def place(self) -> str:
        """Where it is, in the reader's language."""
        known = self.reading.known
        return place_name(known.address if known else self.reading.place)

    @property
    def department(self) -> str:
        """The department proposed, in the reader's language; of a known case, the one it has."""
        known = self.reading.known
        return named(known.department if known else self.reading.department)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def orders_page(request: HttpRequest) -> HttpResponse:
    """The form; after a file was sent what its orders would become, after that what they became."""
    scope = scope_of(request.user.pk or 0)
    city = city_asked(request, scope)
    if not RIGHTS["import_orders"] & scope.roles:  # each order asks it once more at its place
        raise Http404(_("没有找到，或不在您的范围内"))
    said, status, rows, done, portions = "", 200, [], False, []
    if request.method == "POST":
        try:
            done = "orders" in request.POST
            sheet = _kept(request, city) if done else _sent(request)
            rows = [Row(reading) for reading in read_orders(scope, city, sheet)]
            if done:
                _take(scope, city, rows)
            else:
                portions = _signed(city, rows)
        except Refusal as refusal:
            turn_away(refusal)
            said, status = _(refusal.message) % refusal.detail, 422
            rows, done = [], False
    states = Counter(row.state for row in rows)
    context: dict[str, Any] = {
        "here": "desk",
        "city": city,
        "cities": City.objects.within(scope).order_by("demo", "slug"),
        "said": said,
        "rows": rows,
        "done": done,
        **{state: states[state] for state in ("ready", "known", "made", "refused")},
        "portions": portions,
        "columns": [(names[0], "、".join(names[1:]), key in NEEDED)
                    for key, names in COLUMNS.items()],
        "most": MOST,
    }  # fmt: skip
    return desk(request, "hotline.html", scope, context, status=status)


def _sent(request: HttpRequest) -> list[Order]:
    upload = request.FILES.get("file")
    name, size = (str(upload.name), upload.size or 0) if upload else ("", 0)
    return orders_of(read_upload(name, size, upload.chunks() if upload else (), accepted=ACCEPTED))


def _signed(city: City, rows: Sequence[Row]) -> list[str]:
    """Return what would be done, so that it is done as it was shown, with no second upload.

    Places and categories are those that were heard. In portions: a browser sends one after the
    other and tells how far it is; without its script the form sends them all.
    """
    told = [asdict(row.reading.settled()) for row in rows if row.state == "ready"]
    signed = [
        signing.dumps(
            {"city": city.slug, "orders": told[at : at + PORTION]}, salt=SALT, compress=True
        )
        for at in range(0, len(told), PORTION)
    ]
    if sum(map(len, signed)) > MOST_SIGNS:
        raise BadValue("这份表的文字太多，请分成几份")
    return signed


def _kept(request: HttpRequest, city: City) -> list[Order]:
    try:
        told = [
            signing.loads(portion, salt=SALT, max_age=HOURS * 3600)
            for portion in request.POST.getlist("orders")
        ]
    except signing.BadSignature as fault:
        raise BadValue("这份表请重新上传") from fault
    if any(portion["city"] != city.slug for portion in told):
        raise BadValue("这份表请重新上传")
    return [Order(**one) for portion in told for one in portion["orders"]]


def _take(scope: Scope, city: City, rows: Sequence[Row]) -> None:
    """Report the sound ones, each in a transaction of its own.

    A sheet of hundreds must not keep everybody else from reporting; what broke off half way is
    handed in once more, for an order is known by its number.
    """
    for row in rows:
        if row.reading.trouble or row.reading.known is not None:
            continue
        try:
            report = _report(scope, city, row.reading)
            case, new = report_incident(by=scope, report=report, city=city.slug)
        except Refusal as refusal:
            # By now it may be a case of somebody else's, who has the same sheet.
            theirs = Incident.objects.within(scope).filter(
                client_id=row.reading.order.client_id(city)
            )
            row.reading.known = theirs.select_related("category", "department").first()
            row.refusal = "" if row.reading.known else _(refusal.message) % refusal.detail
        else:  # somebody else may have handed in the same sheet at the same time
            row.made, row.reading.known = (case, None) if new else (None, case)


def _report(scope: Scope, city: City, reading: Reading) -> Report:
    order, point, category = reading.order, reading.point, reading.category
    if point is None or reading.spot is None or category is None:
        raise BadValue(reading.trouble, **reading.detail)
    scope.must_at("import_orders", reading.spot)
    return Report(
        place=point,
        title=reading.title,
        category=category.code,
        source=Incident.Source.HOTLINE,
        text=order.text,
        address=order.address or reading.place,
        client_id=order.client_id(city),
        phone=order.phone,
        reporter_name=order.name if order.phone else "",
        said_at=reading.said_at,
        derived=None,
    )
