"""Raises the toy town in the browser tests' own database; run as a program, by conftest."""

import os
from datetime import timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gridmap.settings")
django.setup()

from django.contrib.auth.hashers import make_password  # noqa: E402 -- needs Django set up
from django.contrib.auth.models import User  # noqa: E402
from django.utils import timezone  # noqa: E402

from gridmap.layers.postings import Role  # noqa: E402
from tests import quilt, town  # noqa: E402


def raise_town() -> None:
    """Build the town, people of every role, five open incidents, and the units of A.

    Open: A-1 two (one of them overdue), A-2 one, B-1 two.
    """
    town.build()
    now = timezone.now()
    town.incident(20, 30)
    town.incident(
        30, 30, title="井盖破损", search="井盖破损 jinggaiposun jgps",
        reported_at=now - timedelta(days=3), filed_at=now - timedelta(days=3),
        soon_at=now - timedelta(hours=30), due=now - timedelta(hours=5),
    )  # fmt: skip
    town.incident(150, 30)
    town.incident(250, 30)
    town.incident(260, 30)
    town.posted("leader")
    town.posted("cadre", "A")
    town.posted("guard", "B")
    quilt.lay("A")
    for name in ("planner", "second"):
        town.posted(name, role=Role.PLANNER)
    town.posted("walker", role=Role.PATROL)
    town.posted("bearer", role=Role.WORKER)
    for name, role in (
        ("duty", Role.DISPATCHER), ("elder", Role.CHIEF), ("cleaner", Role.DEPARTMENT),
        ("auditor", Role.AUDITOR), ("keeper", Role.ADMIN),
    ):  # fmt: skip
        town.posted(name, role=role)
    User.objects.filter(username="keeper").update(is_staff=True)
    User.objects.create_superuser("admin")
    User.objects.create_user("newcomer")
    # The strength of the hash is Django's matter; here it would only cost seconds.
    for user in User.objects.all():
        secret = make_password(f"{user.username}-secret-7", hasher="pbkdf2_sha256")
        User.objects.filter(pk=user.pk).update(password=secret)


if __name__ == "__main__":
    raise_town()
