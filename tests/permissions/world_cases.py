"""What hangs on the incidents of every place: photos, letters, rulings, joint tasks."""

from datetime import timedelta
from io import BytesIO

from django.utils import timezone
from PIL import Image

from gridmap.geo.photos import cleaned
from gridmap.layers import photos
from gridmap.layers.assessments import Contest, Evaluation
from gridmap.layers.deliveries import Delivery
from gridmap.layers.incidents import Incident
from gridmap.layers.letters import Letter, hash_of
from gridmap.layers.notices import Notice, Outbox
from gridmap.layers.rulings import JointTask, Ruling
from tests import town as toy
from tests.permissions.world import CORNERS, PLACES, World, canary, city_of


def picture(red: int) -> bytes:
    """A photo that differs from the others by its colour."""
    out = BytesIO()
    Image.new("RGB", (64, 48), (red, 90, 90)).save(out, "JPEG")
    return out.getvalue()


def raise_cases(world: World) -> None:
    """One of each for the incident of every place."""
    for place in PLACES:
        case = Incident.objects.get(pk=world.at("incidents", place))
        world.note("originals", place, _told_before(case).number)
        Incident.objects.filter(pk=case.pk).update(returns=2)
        world.note("no-mans-land", place, case.pk)
        clean = cleaned(picture(50 * PLACES.index(place)))
        photo, _ = photos.keep(case, clean, moment="report", by=None, role="resident")
        world.note("photos", place, str(photo.uid))
        world.note("secrets", place, f"secret-of-{place}")
        Letter.objects.create(
            incident=case, secret_hash=hash_of(f"secret-of-{place}"), state="hidden",
            judged_at=timezone.now(),
        )  # fmt: skip
        contest = Contest.objects.create(
            incident=case, rate="rework", why=canary(place, "contest"), asked_at=timezone.now()
        )
        world.note("contests", place, contest.pk)
        kept = Evaluation.objects.create(
            city=city_of(place), since=toy.OPENED, until=timezone.now(), version="1",
            made_at=timezone.now(), values={"note": canary(place, "evaluation")},
        )  # fmt: skip
        world.note("evaluations", place, kept.pk)
        east, north = CORNERS[place]
        ruling = Ruling.objects.create(
            city=city_of(place), category=case.category,
            department_id=world.at("departments", place),
            geom=toy.box(east + 150, north, 30, 20), why=canary(place, "ruling"), valid=toy.ALWAYS,
        )  # fmt: skip
        world.note("rulings", place, ruling.pk)
        now = timezone.now()
        JointTask.objects.create(
            incident=case, cause="border", opened_at=now, settled_at=now, ruling=ruling
        )
        task = JointTask.objects.create(incident=case, cause="border", opened_at=timezone.now())
        world.note("joint-tasks", place, task.pk)


def _told_before(case: Incident) -> Incident:
    """The same matter, reported by somebody else an hour before."""
    found = Incident.objects.get(pk=case.pk)
    found.pk, found._state.adding, found.number = None, True, f"{case.number}-2"
    found.reported_at -= timedelta(hours=1)
    found.save()
    return found


def raise_notices(world: World) -> None:
    """Everybody was once told of what happened everywhere, whoever may open it now.

    One message of every place could not be sent, and one change could not be told.
    """
    for place in PLACES:
        case = Incident.objects.get(pk=world.at("incidents", place))
        sent = Delivery.objects.create(
            city=city_of(place), channel="robot", target=canary(place, "channel"),
            about=f"canary {place}", body={"verb": "late", "number": case.number},
            state="given_up", trouble="HTTP 500",
        )  # fmt: skip
        world.note("deliveries", place, sent.pk)
        Outbox.objects.create(
            key=f"canary {place}", verb="late", subject_kind="incident", subject_id=case.pk,
            at=timezone.now(), stuck=True, trouble=canary(place, "fault"),
        )  # fmt: skip
        Notice.objects.bulk_create(
            Notice(
                user_id=user, city=city_of(place), key=f"canary {place}", kind="new",
                verb="report", at=timezone.now(), incident=case,
            )
            for user in world.eyes.values()
        )  # fmt: skip
