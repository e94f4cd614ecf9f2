"""Cases of last month in the browser tests' town; run as a program, beside its server."""

import os
from datetime import timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gridmap.settings")
django.setup()

from django.utils import timezone  # noqa: E402 -- needs Django set up

from tests import town  # noqa: E402


def lay() -> None:
    """In A twenty-four that were filed, nine of them told by residents; in B three."""
    middle = timezone.localtime().replace(day=1, hour=9) - timedelta(days=15)
    for number in range(27):
        town.incident(
            20 if number < 24 else 250, 30, state="closed",
            source="resident" if number < 9 else "worker", address=f"榕树巷 {number + 1} 号",
            reported_at=middle, filed_at=middle, soon_at=middle + timedelta(hours=38),
            due=middle + timedelta(hours=48), closed_at=middle + timedelta(hours=40),
        )  # fmt: skip


if __name__ == "__main__":
    lay()
