"""Words that want to be scripts, in every text of the browser tests' town; run as a program."""

import os
from itertools import cycle

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gridmap.settings")
django.setup()

from django.apps import apps  # noqa: E402 -- needs Django set up
from django.db import connection, models  # noqa: E402

from tests import quilt, town  # noqa: E402
from tests.payloads import PAYLOADS  # noqa: E402

# Tables whose texts people write and others read, and the columns that a form or a file fills.
WRITTEN = {
    "incident": ("title", "text", "address"),
    "building": ("name", "address"),
    "lane": ("name",),
    "street": ("name",),
    "partyunit": ("name",),
    "person": ("name",),
    "team": ("name",),
    "department": ("name",),
    "category": ("name",),
    "community": ("name",),
    "celledition": ("name",),
    "stretch": ("start", "end"),
    "visit": ("note",),
    "plan": ("title",),
    "comment": ("text",),
    "communityline": ("hours",),
    "dutypoint": ("name", "address", "hours"),
    "entry": ("why",),
}


def write() -> None:
    """One payload after the other into every text, past the application as psql would.

    More incidents than payloads, so that each stands in a list of its own.
    """
    for number in range(len(PAYLOADS)):
        town.incident(20 + number, 30)
    quilt.lay("A")
    words = cycle(PAYLOADS)
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # no trigger has a say
        for table, columns in WRITTEN.items():
            model = apps.get_model("layers", table)
            fields = {name: model._meta.get_field(name) for name in columns}
            for pk in model._default_manager.values_list("pk", flat=True):
                model._default_manager.filter(pk=pk).update(
                    **{name: fitting(field, next(words)) for name, field in fields.items()}
                )
        cursor.execute("SET session_replication_role = origin")


def fitting(field: models.Field, word: str) -> str:  # type: ignore[type-arg]
    """A payload with a number where two must differ, if it fits; else the shortest."""
    most = getattr(field, "max_length", None) or 4000
    return word if len(word) <= most else PAYLOADS[33][:most]


if __name__ == "__main__":
    write()
