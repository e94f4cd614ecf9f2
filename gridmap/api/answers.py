"""The shapes of answers that are no layer, in OpenAPI's own words."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

Schema = dict[str, Any]
TEXT: Schema = {"type": "string"}
WHOLE: Schema = {"type": "integer"}
REAL: Schema = {"type": "number"}
MOMENT: Schema = {"type": "string", "format": "date-time", "nullable": True}


def some(schema: Schema) -> Schema:
    """The value, or null."""
    return {**schema, "nullable": True}


def every(items: Schema) -> Schema:
    """A list."""
    return {"type": "array", "items": items}


def thing(**properties: Schema) -> Schema:
    """An object in which every property is present."""
    return {"type": "object", "properties": properties, "required": list(properties)}


REFUSAL = {
    "type": "object",
    "description": "Why not, and what to do about it.",
    "properties": {
        "code": {"type": "string", "description": "Name of the refusal.", "example": "BadValue"},
        "message": {"type": "string", "description": "In the caller's language."},
        "detail": {
            "type": "object",
            "description": "Values for programs.",
            "additionalProperties": True,
        },
    },
    "required": ["code", "message"],
}
AS_OF = OpenApiParameter(
    "as_of", str, description="ISO date (its first minute) or past moment; without it, now."
)
PLACE = thing(id=WHOLE, code=TEXT, name=TEXT)
HEADCOUNT = some(thing(households=WHOLE, residents=some(WHOLE), counted_on=TEXT, source=TEXT))
CLASSES = {**every(WHOLE), "description": "By freshness class 0..6."}
HOLDER = thing(person=WHOLE, name=TEXT, standing=TEXT, until=MOMENT)
OBJECT = thing(id=WHOLE, name=TEXT, standing=TEXT, holders=every(HOLDER), vacant_since=MOMENT)
RUNG = thing(
    filled=WHOLE,
    substitute=WHOLE,
    expiring=WHOLE,
    vacant=WHOLE,
    total=WHOLE,
    objects=every(OBJECT),
)
OFFICE = thing(office=TEXT, standing=TEXT, until=MOMENT, person=WHOLE, name=TEXT)
CHIEFS = {200: thing(streets=RUNG, lanes=RUNG, buildings=RUNG, cell=every(OFFICE))}
STRETCH = thing(
    id=WHOLE,
    name=TEXT,
    lane_id=some(WHOLE),
    street_id=some(WHOLE),
    start=TEXT,
    end=TEXT,
    side=TEXT,
    interval_days=WHOLE,
    days=some(WHOLE),
    last_seen=MOMENT,
    lng=REAL,
    lat=REAL,
    **{"class": WHOLE},
)
TEAM = thing(id=WHOLE, name=TEXT, kind=TEXT, members=WHOLE, last_visit=MOMENT)
COVERED = {
    "stretch_classes": CLASSES,
    "entrance_classes": CLASSES,
    "on_time": WHOLE,
    "total": WHOLE,
    "week": every(thing(day=TEXT, stretches=WHOLE, visits=WHOLE)),
    "sources": {"type": "object", "additionalProperties": WHOLE},
    "teams": every(TEAM),
}
COVERAGE = {200: thing(**COVERED, stretches=every(STRETCH))}
NAMED = thing(id=WHOLE, name=TEXT, name_en=TEXT)
URGENT = thing(
    id=WHOLE,
    number=TEXT,
    title=TEXT,
    address=TEXT,
    light=TEXT,
    due=MOMENT,
    category=thing(id=WHOLE, code=TEXT, name=TEXT, name_en=TEXT),
    department=some(NAMED),
    lng=REAL,
    lat=REAL,
)
PUBLIC = {
    "id": WHOLE,
    "code": TEXT,
    "name": TEXT,
    "kind": TEXT,
    "use": TEXT,
    "city": thing(slug=TEXT, name=TEXT, edition=TEXT),
    "community": PLACE,
    "subdistrict": PLACE,
    "area_m2": REAL,
    "lng": REAL,
    "lat": REAL,
    "bbox": every(REAL),
    "outside": {"type": "boolean", "description": "Not the caller's own area: ground part only."},
    "at": MOMENT,
}
INSIDE = {
    "buildings": WHOLE,
    "households": some(WHOLE),
    "residents": some(WHOLE),
    "counted": WHOLE,
    "counted_from": some(TEXT),
    "counted_on": some(TEXT),
    "sources": some(every(TEXT)),
    "lanes": WHOLE,
    "streets": WHOLE,
    "sums_only": {"type": "boolean", "description": "Incidents: the published figure only."},
    "incidents": thing(
        ok=some(WHOLE),
        soon=some(WHOLE),
        late=some(WHOLE),
        parked=some(WHOLE),
        open=some(WHOLE),
        total=some(WHOLE),
        top=every(URGENT),
    ),
    "chiefs": CHIEFS[200],
    "coverage": thing(**COVERED, worst=every(STRETCH)),
    "party_units": thing(
        total=WHOLE, first=every(thing(id=WHOLE, name=TEXT, kind=TEXT, superior=TEXT))
    ),
    "signs": some(thing(hung=WHOLE, stale=WHOLE)),
    "history": every(thing(code=TEXT, name=TEXT, kind=TEXT, since=MOMENT, until=MOMENT)),
}
CARD = {200: {"type": "object", "properties": {**PUBLIC, **INSIDE}, "required": list(PUBLIC)}}
RUNG_HOLDER = thing(
    term=WHOLE,
    person=WHOLE,
    name=TEXT,
    office=TEXT,
    standing=TEXT,
    since=MOMENT,
    until=MOMENT,
    reason=TEXT,
)
SIGN = thing(
    id=WHOLE,
    number=TEXT,
    kind=TEXT,
    building=some(WHOLE),
    lane=some(WHOLE),
    cell=some(WHOLE),
    name=some(TEXT),
    community=some(WHOLE),
    state=TEXT,
    changed=every(TEXT),
    outdated=some({"type": "boolean"}),
    printing=WHOLE,
    printed_at=MOMENT,
    hung_at=MOMENT,
    removed_at=MOMENT,
)
SIGNS = {
    200: thing(
        counts=thing(stale=WHOLE, printed=WHOLE, hung=WHOLE, removed=WHOLE), signs=every(SIGN)
    )
}
LADDER = {
    200: thing(
        at=TEXT,
        lng=REAL,
        lat=REAL,
        building=some(WHOLE),
        lane=some(WHOLE),
        street=some(WHOLE),
        cell=some(WHOLE),
        community=some(WHOLE),
        rungs=every(
            thing(
                rung=TEXT,
                office=TEXT,
                id=WHOLE,
                code=TEXT,
                name=TEXT,
                standing=TEXT,
                holders=every(RUNG_HOLDER),
                vacant_since=MOMENT,
                stand_in=some(TEXT),
            )
        ),
        now=thing(
            by=TEXT,
            closed={"type": "boolean"},
            office=TEXT,
            name=TEXT,
            substitute={"type": "boolean"},
            phone=TEXT,
            hours=TEXT,
            point=TEXT,
            point_hours=TEXT,
        ),
    )
}
TERM = thing(
    id=WHOLE,
    office=TEXT,
    standing=TEXT,
    reason=TEXT,
    person=WHOLE,
    name=TEXT,
    street=some(WHOLE),
    lane=some(WHOLE),
    building=some(WHOLE),
    cell=some(WHOLE),
    since=MOMENT,
    until=MOMENT,
)
DONE = thing(
    term={**some(TERM), "description": "Null: a term taken back before it began."},
    done={"type": "boolean", "description": "False: this very wish was done before."},
)
PEOPLE = thing(people=every(thing(id=WHOLE, name=TEXT, office=TEXT, place=TEXT)))
LABEL = thing(
    id=WHOLE,
    code=TEXT,
    name=TEXT,
    kind=TEXT,
    community=WHOLE,
    community_code=TEXT,
    community_name=TEXT,
    subdistrict=WHOLE,
    subdistrict_name=TEXT,
    lng=REAL,
    lat=REAL,
    area_m2=REAL,
)
LABELS = thing(edition=TEXT, cells=every(LABEL))
HIT = {
    "type": "object",
    "properties": {
        "kind": TEXT,
        "id": some(WHOLE),
        "title": TEXT,
        "detail": TEXT,
        "area": TEXT,
        "cell": some(WHOLE),
        "lng": some(REAL),
        "lat": some(REAL),
        "light": some(TEXT),
        "office": TEXT,
        "standing": TEXT,
        "object": thing(kind=TEXT, id=WHOLE),
    },
    "required": ["kind", "id", "title", "area", "cell", "lng", "lat"],
}
SEARCH = thing(groups=every(thing(kind=TEXT, total=WHOLE, hits=every(HIT))), outside=WHOLE)
NAMES = thing(names={"type": "object", "additionalProperties": TEXT})
FRESHNESS = {
    "type": "object",
    "properties": {
        "stretches": every(every(some(WHOLE))),
        "entrances": {**every(every(some(REAL))), "description": "With a box or a community only."},
    },
    "required": ["stretches"],
}
STANDING = thing(
    buildings=every(every(WHOLE)),
    lanes=every(every(WHOLE)),
    streets=every(every(WHOLE)),
    many=every(TEXT),
)
HELD = thing(filled=WHOLE, substitute=WHOLE, expiring=WHOLE, vacant=WHOLE, total=WHOLE)
STANDING_SUMMARY = thing(buildings=HELD, lanes=HELD, streets=HELD)
CHANGED = thing(field=TEXT, name=TEXT, before=TEXT, after=TEXT)
HISTORY = thing(
    results=every(
        thing(
            id=some(WHOLE),
            at=MOMENT,
            verb=TEXT,
            verb_name=TEXT,
            kind=TEXT,
            kind_name=TEXT,
            object=some(WHOLE),
            title=TEXT,
            community=some(WHOLE),
            cell=some(WHOLE),
            who=TEXT,
            direct={"type": "boolean", "description": "Changed in the database, without a deed."},
            why=TEXT,
            changes=every(CHANGED),
        )
    ),
    next=some(TEXT),
)
CONTACT = thing(name=TEXT, phone=TEXT)
CONTACT_MASKED = thing(name=TEXT, phone=TEXT, may_open={"type": "boolean"})
FIGURES = thing(
    week=some(TEXT),
    least=some(WHOLE),
    cells=every(every(some(WHOLE))),
    communities=every(every(some(WHOLE))),
    subdistricts=every(every(some(WHOLE))),
    city=every(every(some(WHOLE))),
)
STEP = thing(
    number=WHOLE,
    verb=TEXT,
    came_from=TEXT,
    state=TEXT,
    paused={"type": "boolean"},
    by=TEXT,
    role=TEXT,
    department=some(WHOLE),
    department_name=some(TEXT),
    why=TEXT,
    detail={"type": "object"},
    begins=MOMENT,
    ends=some(MOMENT),
    soon_at=some(MOMENT),
    due=some(MOMENT),
    light=some(TEXT),
    own_minutes=some(WHOLE),
    bundled_minutes=some(WHOLE),
)
DEED = thing(
    done={"type": "boolean", "description": "False: this very deed was done before."},
    incident=some({"type": "object"}),
    step=some(STEP),
)
STEPS = thing(
    steps=every(STEP),
    departments=every({"type": "object"}),
    applications=every({"type": "object"}),
    supervisions=every({"type": "object"}),
    may=every(TEXT),
)
MILESTONE = thing(
    number=WHOLE,
    name=TEXT,
    limit=WHOLE,
    unit=TEXT,
    starts=MOMENT,
    soon_at=MOMENT,
    due=MOMENT,
    met_at=some(MOMENT),
    light=some(TEXT),
    explanation={"type": "object"},
)
DEADLINES = thing(due=some(MOMENT), light=some(TEXT), milestones=every(MILESTONE))
SIMULATION = thing(
    milestones=every(MILESTONE),
    standards=every(thing(id=WHOLE, condition=TEXT, filing=TEXT, closing=TEXT, place_class=TEXT)),
    proposal=some(
        thing(
            department=some(WHOLE), name=some(TEXT), name_en=some(TEXT), why=TEXT,
            ruling=some(WHOLE),
        )
    ),
    here=some(thing(address=TEXT, may_report={"type": "boolean"})),
)  # fmt: skip
HISTOGRAM = thing(days=every(every({})))


class CityOut(serializers.Serializer[Any]):
    """A city and the address of its present map."""

    slug = serializers.CharField()
    code = serializers.CharField()
    name = serializers.CharField()
    name_en = serializers.CharField()
    former_name = serializers.CharField()
    demo = serializers.BooleanField()
    edition = serializers.CharField(help_text="Part of tile addresses, for instance sanming.17.")
    bbox = serializers.ListField(child=serializers.FloatField(), min_length=4, max_length=4)
    metric_srid = serializers.IntegerField()
    time_zone = serializers.CharField()
    approval = serializers.CharField()
