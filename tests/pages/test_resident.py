"""A resident reports without an account, and sees with a secret link how far it has got."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from gridmap.actions.letters import judge_letter
from gridmap.actions.twins import link_twin
from gridmap.errors import WrongState
from gridmap.layers.codes import public_code
from gridmap.layers.contacts import Contact
from gridmap.layers.incidents import Incident, Light, State
from gridmap.layers.journal import Entry
from gridmap.layers.letters import Letter
from gridmap.layers.photos import Photo
from gridmap.layers.places import Building, Lane
from gridmap.layers.territory import City
from tests import town as toy
from tests.api.test_photos import jpeg


@pytest.fixture(autouse=True)
def store(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def somebody(town: City) -> Client:
    """A resident of a town that shows public cards."""
    City.objects.update(public_card=True)
    return Client(enforce_csrf_checks=False)


def told(east: float = 50, north: float = 70, **more: Any) -> dict[str, Any]:
    place = toy.at(east, north)
    return {
        "client_id": str(uuid4()), "lng": f"{place.x:.7f}", "lat": f"{place.y:.7f}",
        "category": "0102", **more,
    }  # fmt: skip


def send(client: Client, **more: Any) -> Any:
    return client.post("/report", told(**more))


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def test_from_the_sign_of_a_house_a_report_needs_one_choice(somebody: Client) -> None:
    code = public_code("building", Building.objects.get(code="B1").pk)
    card = page(somebody, f"/q/{code}")
    href = re.search(r'href="(/report\?code=[^"]+)"', card)
    assert href
    form = page(somebody, href[1])
    assert "榕树巷 1 号" in form
    asked = re.findall(r'<input[^>]+type="radio"[^>]+required', form)
    assert asked, "the kind is the only thing that must be told"
    values = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))
    answer = somebody.post("/report", {**values, "category": "0102"})
    assert answer.status_code == 303
    case = Incident.objects.get()
    assert (case.title, case.source, case.state) == (
        "暴露垃圾 · 榕树巷 1 号",
        "resident",
        "reported",
    )
    assert (case.cell, case.building) == (toy.cell("A", 1), Building.objects.get(code="B1"))
    assert case.reporter is None
    assert case.department
    assert "收到了" in page(somebody, answer["Location"])


def test_a_report_has_photos_words_and_a_contact_that_nobody_sees(somebody: Client) -> None:
    photo = SimpleUploadedFile("a.jpg", jpeg(), "image/jpeg")
    answer = send(somebody, text="两袋", phone="138 0000 0426", name="张先生", photo=photo)
    address = answer["Location"].partition("?")[0]
    status = page(somebody, address)
    assert "两袋" in status
    assert "0426" not in status
    assert Contact.objects.get().phone == "138 0000 0426"
    assert Photo.objects.get().role == "resident"
    small = re.search(r'src="(/report/[^"]+\.jpg)"', status)
    assert small
    assert somebody.get(small[1]).status_code == 200
    other = "0" * 32
    assert somebody.get(f"/report/{other}").status_code == 404
    assert somebody.get(small[1].replace(address.split("/")[-1], other)).status_code == 404


def test_the_secret_is_kept_as_a_hash_and_is_in_no_journal(somebody: Client) -> None:
    secret = send(somebody)["Location"].partition("?")[0].rpartition("/")[2]
    assert len(secret) == 32
    letter = Letter.objects.get()
    assert secret not in letter.secret_hash
    assert not any(secret in str([e.before, e.after]) for e in Entry.objects.all())
    assert Entry.objects.filter(verb="send_letter").count() == 1


def test_the_same_form_twice_is_one_report_and_one_link(somebody: Client) -> None:
    form = told(text="一次")
    first, second = somebody.post("/report", form), somebody.post("/report", form)
    assert first["Location"] == second["Location"]
    assert Incident.objects.count() == Letter.objects.count() == 1
    other = somebody.post("/report", {**form, "text": "别的"})
    assert other.status_code == 400
    assert Incident.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"category": ""}, "请选一个类别"),
        ({"category": "none"}, "没有编码为 none 的事件类别"),
        ({"client_id": "x"}, "表单不完整"),
        ({"phone": "不告诉"}, "电话号码只能是数字"),
        ({"text": "长" * 1001}, "说明最多 1000 个字"),
    ],
)
def test_what_cannot_be_is_said_and_what_was_typed_stays(
    somebody: Client, wrong: dict[str, str], said: str
) -> None:
    answer = send(somebody, **{"name": "李女士", **wrong})
    assert answer.status_code == 400
    assert said in answer.content.decode()
    assert "李女士" in answer.content.decode()
    assert Incident.objects.count() == Letter.objects.count() == Contact.objects.count() == 0


def test_a_bad_photo_refuses_the_whole_and_says_so(somebody: Client, store: Path) -> None:
    photo = SimpleUploadedFile("a.svg", b"<svg/>", "image/svg+xml")
    answer = send(somebody, photo=photo)
    assert answer.status_code == 400
    assert "只收 JPEG" in answer.content.decode()
    assert Incident.objects.count() == 0
    assert list(store.rglob("*.jpg")) == []


def test_a_machine_that_reports_too_often_waits(somebody: Client, settings: Any) -> None:
    settings.REPORT_RATE = "2/hour"
    codes = [send(somebody).status_code for _ in range(3)]
    assert codes == [303, 303, 429]
    settings.REPORT_RATE = ""
    assert send(somebody).status_code == 303


def test_a_place_outside_every_town_is_asked_for_again(somebody: Client) -> None:
    answer = somebody.get("/report", {"lng": "10", "lat": "50"})
    assert answer.status_code == 404
    assert "在哪里" in answer.content.decode()
    assert send(somebody, lng="10", lat="50").status_code == 400
    for odd in ("nan", "x", "999"):
        assert somebody.get("/report", {"lng": odd, "lat": "1"}).status_code == 200
    assert Incident.objects.count() == 0


def test_a_place_is_found_by_its_name_and_no_person_is(somebody: Client) -> None:
    found = page(somebody, "/report?q=榕树巷 1")
    assert re.search(r'href="/report\?lng=[^"]+"[^>]*>\s*<b>榕树巷 1 号', found)
    assert "没找到" in page(somebody, "/report?q=苏望舒")
    toy.incident(50, 50, title="不该看见")
    assert "不该看见" not in page(somebody, "/report?q=不该看见").replace("“不该看见”", "").replace(
        'value="不该看见"', ""
    )


def test_a_click_on_the_map_comes_closer_and_then_is_the_place(somebody: Client) -> None:
    first = page(somebody, "/report")
    values = dict(re.findall(r'type="hidden"\s+name="(\w+)"\s+value="([^"]*)"', first))
    assert values["m"] == "4800"
    clicked = somebody.get("/report", {**values, "at.x": "164", "at.y": "134"})
    assert clicked.status_code == 302
    assert "m=1200" in clicked["Location"]
    place = toy.at(100, 50)
    closest = {"city": "toy", "x": f"{place.x:.6f}", "y": f"{place.y:.6f}", "m": "320", "w": "320"}
    # The middle of the map is the place itself; 50 pixels of 320 are 50 of 320 metres.
    clicked = somebody.get("/report", {**closest, "at.x": "110", "at.y": "131"})
    lng, lat = re.findall(r"(?:lng|lat)=([0-9.]+)", clicked["Location"])
    there = toy.at(50, 50)
    assert float(lng) == pytest.approx(there.x, abs=2e-5)
    assert float(lat) == pytest.approx(there.y, abs=2e-5)


def test_the_map_is_a_picture_for_everybody_and_names_are_escaped(somebody: Client) -> None:
    Lane.objects.filter(code="L1").update(name="<script>x</script>")
    place = toy.at(100, 50)
    answer = somebody.get(f"/report/map/toy.svg?x={place.x}&y={place.y}&m=320")
    assert answer["Content-Type"] == "image/svg+xml"
    assert "public" in answer["Cache-Control"]
    assert "<script" not in answer.content.decode()
    for wrong in ("x=1&y=2&m=320", f"x={place.x}&y={place.y}&m=99", "", "x=a&y=b&m=c"):
        assert somebody.get(f"/report/map/toy.svg?{wrong}").status_code == 404
    City.objects.update(public_card=False)
    assert somebody.get(f"/report/map/toy.svg?x={place.x}&y={place.y}&m=320").status_code == 404


def test_a_town_that_shows_no_cards_takes_no_reports(town: City) -> None:
    stranger = Client()
    City.objects.update(public_card=False)
    assert stranger.get("/report").status_code == 404
    assert send(stranger).status_code in {400, 404}
    assert Incident.objects.count() == 0


def test_nobody_reads_a_report_before_it_was_let(somebody: Client) -> None:
    send(somebody, text="甲")
    private = send(somebody, private="1", east=51)
    assert private.status_code == 303
    place = toy.at(50, 70)
    address = f"/report?lng={place.x}&lat={place.y}"
    known = "附近已有人反映"
    assert known not in page(somebody, address)
    cadre = toy.eyes("wang", "A")
    shown, hidden = Letter.objects.order_by("pk")
    judge_letter(by=cadre, incident=shown.incident_id, show=True)
    assert known in page(somebody, address)
    with pytest.raises(WrongState):
        judge_letter(by=cadre, incident=hidden.incident_id, show=True)
    judge_letter(by=cadre, incident=shown.incident_id, show=False)
    assert known not in page(somebody, address)


def test_the_page_tells_the_step_in_plain_words(somebody: Client) -> None:
    address = send(somebody)["Location"].partition("?")[0]
    case = Incident.objects.get()
    assert "网格员会先到现场看一看" in page(somebody, address)
    now = timezone.now()
    Incident.objects.filter(pk=case.pk).update(
        state=State.CLOSED, light=Light.NONE, closed_at=now, filed_at=now + timedelta(seconds=0)
    )
    assert "已经办结" in page(somebody, address)


def test_both_reporters_of_one_matter_are_told_its_progress(somebody: Client) -> None:
    send(somebody)
    second = send(somebody, east=52)["Location"].partition("?")[0]
    first_case, second_case = Incident.objects.order_by("pk")
    link_twin(by=toy.eyes("wang", "A"), incident=second_case.pk, original=first_case.pk)
    now = timezone.now()
    Incident.objects.filter(pk=first_case.pk).update(
        state=State.CLOSED, light=Light.NONE, closed_at=now
    )
    text = page(somebody, second)
    assert first_case.number in text
    assert "已经办结" in text


def test_in_english_it_is_english(somebody: Client) -> None:
    place = toy.at(50, 70)
    form = page(somebody, f"/report?lng={place.x}&lat={place.y}&lang=en")
    assert "Exposed rubbish" in form
    assert "Send" in form
    answer = somebody.post("/report?lang=en", told())
    assert "lang=en" in answer["Location"]


def test_a_form_of_another_site_is_refused(town: City) -> None:
    City.objects.update(public_card=True)
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/report", told()).status_code == 403
    assert Incident.objects.count() == 0
