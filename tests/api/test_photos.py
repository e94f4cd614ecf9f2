"""Photos of incidents: to whoever sees the incident, under limits, and gone when deleted."""

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from gridmap.layers.incidents import Incident
from gridmap.layers.journal import Entry
from gridmap.layers.photos import Photo
from gridmap.layers.postings import Role
from gridmap.layers.territory import City
from tests import town as toy


@pytest.fixture(autouse=True)
def store(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def jpeg(colour: str = "red") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (64, 48), colour).save(file, "JPEG")
    return file.getvalue()


def post(client: Client, incident: Incident, data: bytes | None = None) -> Any:
    file = SimpleUploadedFile("a.jpg", jpeg() if data is None else data, "image/jpeg")
    return client.post(f"/api/incidents/{incident.pk}/photos", {"photo": file})


def files(store: Path) -> list[str]:
    return sorted(path.name for path in store.rglob("*.jpg"))


@pytest.fixture
def chen(town: City) -> Client:
    client = Client()
    client.force_login(toy.posted("chen", "B"))
    return client


def test_a_photo_is_kept_under_the_hash_of_its_content(wang: Client, store: Path) -> None:
    case = toy.incident(50, 50)
    answer = post(wang, case)
    assert answer.status_code == 201
    photo = Photo.objects.get()
    assert files(store) == sorted([f"{photo.sha256}.jpg", f"{photo.sha256}.small.jpg"])
    assert (photo.role, photo.moment) == ("cadre", "later")
    told = wang.get(f"/api/incidents/{case.pk}/photos").json()["photos"]
    assert told == [answer.json()]
    for name in ("url", "small"):
        picture = wang.get(told[0][name])
        assert picture.status_code == 200
        assert picture["Content-Type"] == "image/jpeg"
        assert picture["X-Content-Type-Options"] == "nosniff"
        assert Image.open(io.BytesIO(picture.content)).format == "JPEG"
    assert Entry.objects.filter(verb="add_photo", subject_id=case.pk).count() == 1


def test_a_photo_in_anothers_area_is_not_there(wang: Client, chen: Client) -> None:
    case = toy.incident(50, 50)
    told = post(wang, case).json()
    assert wang.get(told["url"]).status_code == 200, "the address is right"
    for address in (told["url"], told["small"], f"/api/incidents/{case.pk}/photos"):
        assert chen.get(address).status_code == 404
    assert chen.delete(f"/api/photos/{told['id']}").status_code == 404
    assert post(chen, case).status_code == 404
    assert Client().get(told["url"]).status_code == 302
    assert Photo.objects.count() == 1


def test_the_department_that_has_the_case_adds_photos_and_an_auditor_does_not(town: City) -> None:
    case = toy.incident(50, 50)
    answers = {}
    for role in (Role.DEPARTMENT, Role.AUDITOR, Role.PLANNER):
        client = Client()
        client.force_login(toy.posted(str(role), role=role))
        answers[role] = post(client, case).status_code
    assert answers == {Role.DEPARTMENT: 201, Role.AUDITOR: 404, Role.PLANNER: 404}


def test_the_same_photo_again_changes_nothing(wang: Client) -> None:
    case = toy.incident(50, 50)
    first, second = post(wang, case), post(wang, case)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    assert Photo.objects.count() == Entry.objects.filter(verb="add_photo").count() == 1


def test_a_case_has_no_more_photos_than_it_may(wang: Client, settings: Any) -> None:
    settings.PHOTOS_OF_CASE = 2
    case = toy.incident(50, 50)
    codes = [post(wang, case, jpeg(c)).status_code for c in ("red", "green", "blue")]
    assert codes == [201, 201, 400]
    assert post(wang, toy.incident(50, 50), jpeg("blue")).status_code == 201


@pytest.mark.parametrize("data", [b"", b"<svg/>", b"GIF89a" + b"\x00" * 50])
def test_what_is_no_photo_leaves_nothing(wang: Client, store: Path, data: bytes) -> None:
    answer = post(wang, toy.incident(50, 50), data)
    assert answer.status_code == 400
    assert files(store) == []
    assert Photo.objects.count() == 0
    without = wang.post(f"/api/incidents/{Incident.objects.get().pk}/photos", {})
    assert without.status_code == 400


def test_deleting_one_takes_the_file_when_nobody_else_shows_it(
    wang: Client,
    store: Path,
    django_capture_on_commit_callbacks: Any,
) -> None:
    first = post(wang, toy.incident(50, 50)).json()
    second = post(wang, toy.incident(60, 50)).json()
    with django_capture_on_commit_callbacks(execute=True):
        assert wang.delete(f"/api/photos/{first['id']}").status_code == 204
    assert len(files(store)) == 2, "the other case shows the same picture"
    assert wang.get(first["url"]).status_code == 404
    with django_capture_on_commit_callbacks(execute=True):
        wang.delete(f"/api/photos/{second['id']}")
    assert files(store) == []
    assert Entry.objects.filter(verb="remove_photo").count() == 2


def test_somebody_elses_photo_goes_only_where_one_closes_cases(wang: Client, town: City) -> None:
    told = post(wang, toy.incident(50, 50)).json()
    leader, duty = Client(), Client()
    leader.force_login(toy.posted("leader", role=Role.LEADER))
    duty.force_login(toy.posted("duty", role=Role.DISPATCHER))
    assert leader.delete(f"/api/photos/{told['id']}").status_code == 403
    assert duty.delete(f"/api/photos/{told['id']}").status_code == 204


def test_a_file_that_is_gone_is_a_photo_that_is_gone(wang: Client, store: Path) -> None:
    told = post(wang, toy.incident(50, 50)).json()
    for path in store.rglob("*.jpg"):
        path.unlink()
    assert wang.get(told["url"]).status_code == 404
