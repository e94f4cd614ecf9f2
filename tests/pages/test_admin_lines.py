"""Where residents turn to, kept in the administration: lines and duty points."""

from django.test import Client
from django.utils import timezone

from gridmap.layers.journal import Entry
from gridmap.layers.lines import CommunityLine, DutyPoint, nearest_duty_point
from gridmap.layers.territory import City
from tests import town as toy


def test_a_duty_point_is_put_on_the_map_and_ended_not_rewritten(admin: Client, town: City) -> None:
    values = {
        "city": town.pk, "code": "D1", "name": "列东服务站", "address": "榕树巷 1 号",
        "hours": "8:00–18:00", "place": toy.at(50, 50).geojson, "valid_0": "2026-01-01T00:00",
        "why": "新设",
    }  # fmt: skip
    assert admin.post("/admin/layers/dutypoint/add/", values).status_code == 302
    made = DutyPoint.objects.get()
    assert (made.name, made.place.coords) == ("列东服务站", toy.at(50, 50).coords)
    assert Entry.objects.latest("pk").why == "新设"
    near = toy.at(50, 51)
    told = nearest_duty_point(town, (near.x, near.y), now=timezone.now())
    assert told is not None
    assert told["name"] == "列东服务站"
    address = f"/admin/layers/dutypoint/{made.pk}/change/"
    page = admin.post(address, {**values, "name": "改名"})
    assert "不能改写" in page.content.decode()
    away = {**values, "code": "D2", "place": '{"type": "Point", "coordinates": [0, 0]}'}
    page = admin.post("/admin/layers/dutypoint/add/", away)
    assert "城市范围之外" in page.content.decode()
    assert DutyPoint.objects.count() == 1


def test_a_line_is_given_from_a_day_on_and_a_wrong_number_is_refused(
    admin: Client, town: City
) -> None:
    CommunityLine.objects.all().delete()
    values = {"community": toy.community("A").pk, "phone": "0598-1112222", "hours": "全天"}
    values |= {"valid_0": "2026-01-01T00:00", "why": "换号"}
    page = admin.post("/admin/layers/communityline/add/", {**values, "phone": "打我"})
    assert page.status_code == 200
    assert not CommunityLine.objects.exists()
    assert admin.post("/admin/layers/communityline/add/", values).status_code == 302
    assert CommunityLine.objects.get().phone == "0598-1112222"
    page = admin.post("/admin/layers/communityline/add/", values)
    assert page.status_code == 200, "one line at a time"
    assert CommunityLine.objects.count() == 1
