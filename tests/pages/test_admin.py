"""The administration: who enters, what is kept, what is refused, and that the journal hears it."""

import json
import re
from datetime import timedelta

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.contrib.gis.db.models import GeometryField
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.test import Client
from django.utils import timezone

from gridmap.layers.accounts import Account
from gridmap.layers.calendars import CalendarDay, WorkSlot
from gridmap.layers.city_settings import CitySetting, city_setting, numbers
from gridmap.layers.incidents import Category
from gridmap.layers.journal import Entry
from gridmap.layers.people import Department
from gridmap.layers.postings import Posting
from gridmap.layers.sessions import UserSession
from gridmap.layers.territory import City
from gridmap.pages.admin import site
from tests import town as toy

PEOPLE = "林小满|何青禾|苏望舒|周一禾|陈木子|甲社区巡防队"
NAMES = f"{PEOPLE}|玩具城|环卫|暴露垃圾|列东街道|甲社区|乙社区|中文"
SECRET = "wang-secret-7"


@pytest.fixture
def wang(town: City) -> User:
    return toy.posted("wang", "A")


def said(client: Client, path: str, **fields: object) -> str:
    """Send a form that is refused; return what the page says about it."""
    answer = client.post(path, fields)
    assert answer.status_code == 200, answer.headers
    found = re.findall(r'<ul class="errorlist[^>]*>(.*?)</ul>', answer.content.decode(), re.DOTALL)
    assert found
    return re.sub(r"<[^>]+>", " ", " ".join(found))


def keep(client: Client, path: str, **fields: object) -> None:
    answer = client.post(path, fields)
    assert answer.status_code == 302, re.findall(
        r'<ul class="errorlist.*?</ul>', answer.content.decode(), re.DOTALL
    )


def test_the_administration_has_no_door_of_its_own(client: Client, town: City) -> None:
    assert client.get("/admin/").headers["Location"].startswith("/admin/login/")
    led = client.get("/admin/login/?next=/admin/layers/posting/").headers["Location"]
    assert led == "/sign-in?next=/admin/layers/posting/"
    assert client.post("/admin/login/", {"username": "admin", "password": "x"}).status_code == 302


def test_who_administers_nothing_finds_nothing(client: Client, wang: User) -> None:
    User.objects.filter(pk=wang.pk).update(is_staff=True)  # the flag alone opens nothing
    client.force_login(wang)
    assert client.get("/admin/", follow=True).status_code == 404
    assert client.get("/admin/layers/posting/", follow=True).status_code == 404


def test_only_reference_data_is_there(admin: Client) -> None:
    kept = {model.__name__ for model in site._registry}
    assert kept == {
        "User", "Posting", "City", "CitySetting", "Department", "Category", "CalendarDay",
        "WorkSlot", "Standard", "Milestone", "StepLimit", "Authority", "IntervalRule", "CheckItem",
        "CommunityLine", "DutyPoint", "Delivery",
    }  # fmt: skip
    assert admin.get("/admin/layers/incident/").status_code == 404
    page = admin.get("/admin/").content.decode()
    assert "参照数据" in page
    assert "部门" in page


PAGES = ["/admin/"] + [
    f"/admin/{model._meta.app_label}/{model._meta.model_name}/{end}"
    for model in site._registry
    for end in ("", "add/")
    if (model.__name__, end) not in {("City", "add/"), ("Delivery", "add/")}
]


@pytest.mark.parametrize("path", PAGES)
def test_every_page_keeps_the_strict_policy_and_speaks_chinese(admin: Client, path: str) -> None:
    answer = admin.get(path)
    assert answer.status_code == 200
    policy = answer.headers["Content-Security-Policy"]
    assert "unsafe-inline" not in policy
    page = answer.content.decode()
    assert not re.search(r'<script(?![^>]*(src=|nonce=|type="application/json"))[^>]*>', page)
    assert "<style" not in page
    assert not re.search(r'\sstyle="', page)
    assert not re.search(r'\son\w+="', page)
    assert not re.search(r"""(src|href)=["'](https?:)?//""", page)


@pytest.mark.parametrize("path", PAGES)
def test_in_english_no_chinese_is_left_but_names(admin: Client, path: str) -> None:
    page = admin.get(path, headers={"accept-language": "en"}).content.decode()
    bare = re.sub(NAMES, "", page)
    assert re.findall(r"[\u4e00-\u9fff]+", bare) == []


def geometry_lookups() -> list[str]:
    found = []
    for model in apps.get_app_config("layers").get_models():
        if model in site._registry:
            for field in model._meta.fields:
                if isinstance(field, GeometryField):
                    found += [
                        f"{model._meta.model_name}/?{field.name}__{look}=x" for look in LOOKUPS
                    ]
    return found + [
        f"{name}/?city__bounds__{look}=x"
        for name in ("department", "category", "posting", "calendarday", "citysetting", "workslot")
        for look in LOOKUPS
    ]


LOOKUPS = ["contains", "intersects", "bboverlaps", "exact", "same_as", "dwithin"]


@pytest.mark.parametrize("path", geometry_lookups())
def test_no_list_takes_a_geometry_as_a_filter(admin: Client, path: str) -> None:
    assert admin.get(f"/admin/layers/{path}").status_code == 400


def test_a_list_takes_its_own_filters(admin: Client, town: City) -> None:
    found = admin.get(f"/admin/layers/department/?city__id__exact={town.pk}")
    assert "环卫" in found.content.decode()
    assert admin.get("/admin/layers/department/?code__startswith=s").status_code == 400


def test_a_department_is_added_changed_and_told_with_its_reason(admin: Client, town: City) -> None:
    path = "/admin/layers/department/"
    keep(
        admin, f"{path}add/", city=town.pk, code="police", name="公安", name_en="Police", rank=2,
        why="机构改革",
    )  # fmt: skip
    made = Department.objects.get(code="police")
    told = Entry.objects.get(verb="add", subject_kind="department")
    assert (told.why, told.after["name"], told.city_id) == ("机构改革", "公安", town.pk)
    assert told.actor is not None
    keep(
        admin, f"{path}{made.pk}/change/", city=town.pk, code="police", name="公安分局",
        name_en="", rank=2,
    )  # fmt: skip
    told = Entry.objects.get(verb="change", subject_kind="department")
    assert told.before == {"name": "公安", "name_en": "Police"}
    assert told.after == {"name": "公安分局", "name_en": ""}


def test_what_is_referred_to_is_not_deleted_and_what_is_not_is(admin: Client, town: City) -> None:
    used = Department.objects.get(code="sanitation")
    page = admin.get(f"/admin/layers/department/{used.pk}/delete/").content.decode()
    assert "暴露垃圾" in page, "the page names what stands in the way"
    assert (
        admin.post(f"/admin/layers/department/{used.pk}/delete/", {"post": "yes"}).status_code
        == 200
    )
    assert Department.objects.filter(pk=used.pk).exists()
    free = Department.objects.create(city=town, code="spare", name="备用")
    assert (
        admin.post(f"/admin/layers/department/{free.pk}/delete/", {"post": "yes"}).status_code
        == 302
    )
    assert Entry.objects.get(verb="remove").before["code"] == "spare"


def test_a_category_with_a_limit_of_nothing_is_refused_in_words(admin: Client, town: City) -> None:
    assert said(
        admin, "/admin/layers/category/add/", city=town.pk, code="0103", name="占道", kind="event",
        limit_hours=0,
    )  # fmt: skip
    assert Category.objects.count() == 1


def test_a_setting_of_a_city_holds_for_its_time(admin: Client, town: City) -> None:
    assert city_setting(CitySetting.Name.CHIEF_DAYS, town.pk) == 30
    assert numbers(CitySetting.Name.CELL_HOUSEHOLDS, town.pk) == (300, 500)
    path = "/admin/layers/citysetting/add/"
    keep(admin, path, city=town.pk, name="chief_days", value="45", valid_0="2024-01-01T00:00")
    keep(
        admin,
        path,
        city=town.pk,
        name="cell_households",
        value="200-400",
        valid_0="2025-01-01T00:00",
    )
    assert city_setting(CitySetting.Name.CHIEF_DAYS, town.pk) == 45
    assert numbers(CitySetting.Name.CELL_HOUSEHOLDS, town.pk) == (200, 400)
    before = timezone.now() - timedelta(days=3650)
    assert numbers(CitySetting.Name.CELL_HOUSEHOLDS, town.pk, before) == (300, 500)
    for value in ("0", "x", "500-200", "-1", "1e9"):
        name = "cell_households" if "5" in value else "chief_objects"
        said(admin, path, city=town.pk, name=name, value=value, valid_0="2024-01-01T00:00")
    said(admin, path, city=town.pk, name="chief_days", value="9", valid_0="2026-01-01T00:00")


def test_what_is_in_force_is_ended_not_rewritten(admin: Client, town: City) -> None:
    row = CitySetting.objects.create(city=town, name="small_number", value="5", valid=toy.ALWAYS)
    path = f"/admin/layers/citysetting/{row.pk}/"
    fields = {"city": town.pk, "name": "small_number", "valid_0": "2024-01-01T08:00"}
    assert "不能改写" in said(admin, f"{path}change/", **fields, value="7")
    refused = admin.post(f"{path}delete/", {"post": "yes"}, follow=True).content.decode()
    assert "不能删除：请填写它的结束时间" in refused
    assert CitySetting.objects.get().value == "5"
    past = "2025-01-01T00:00"
    assert "不能早于现在" in said(admin, f"{path}change/", **fields, value="5", valid_1=past)
    later = f"{timezone.localtime() + timedelta(hours=2):%Y-%m-%dT%H:%M}"
    keep(admin, f"{path}change/", **fields, value="5", valid_1=later)
    assert CitySetting.objects.get().valid.upper is not None


def test_the_calendar_knows_its_source_and_hours_do_not_overlap(admin: Client, town: City) -> None:
    path = "/admin/layers/calendarday/add/"
    day = {"city": town.pk, "day": "2027-02-07", "kind": "make_up", "name": "春节调休"}
    said(admin, path, **day)
    keep(admin, path, **day, source="国办发明电〔2026〕1号")
    assert CalendarDay.objects.get().worked
    said(admin, path, **day, source="再说一次")
    path = "/admin/layers/workslot/add/"
    slot = {"city": town.pk, "season": "夏令", "valid_0": "2027-06-01", "valid_1": "2027-10-01"}
    keep(admin, path, **slot, begins="08:00", ends="12:00")
    keep(admin, path, **slot, begins="15:00", ends="18:00")
    assert "与已有的数据冲突" in said(admin, path, **slot, begins="17:00", ends="19:00")
    assert "冲突" not in said(admin, path, **slot, begins="21:00", ends="20:00")
    assert WorkSlot.objects.count() == 2


def test_the_bounds_of_a_city_are_taken_as_strictly_as_by_the_api(
    admin: Client, town: City
) -> None:
    path = f"/admin/layers/city/{town.pk}/change/"
    page = admin.get(path).content.decode()
    assert 'data-outline="id_bounds"' in page
    assert "openlayers" not in page.lower()
    wide = json.loads(toy.box(-150, -100, 700, 300).geojson)
    said_so = {"name": "玩具城", "bounds": json.dumps(wide), "why": "扩界"}
    keep(admin, path, language="en", **said_so)
    town.refresh_from_db()
    assert town.language == "en"
    assert "不在可用的选项中" in said(admin, path, language="fr", **said_so)
    assert town.bounds.extent[0] < toy.at(-140, 0).x
    bow = {
        "type": "MultiPolygon",
        "coordinates": [
            [[[117.6, 26.2], [117.7, 26.3], [117.7, 26.2], [117.6, 26.3], [117.6, 26.2]]]
        ],
    }
    for bad, why in (
        (json.dumps(bow), "图形不成立"),
        ('{"type": "Point", "coordinates": [117, 26]}', "图形类型须是"),
        ("POINT(1 2)", "不是正确的 GeoJSON"),
        ("[" * 100_000, "不是正确的 GeoJSON"),
        ('{"type": "MultiPolygon", "coordinates": [[[[1e999, 2]]]]}', "不是正确的 GeoJSON"),
    ):
        assert why in said(admin, path, name="玩具城", language="zh-hans", bounds=bad)
    small = json.loads(toy.box(0, 0, 50, 50).geojson)
    said_so["bounds"] = json.dumps(small)
    assert "没有包住：列东街道" in said(admin, path, language="en", **said_so)


def test_an_account_is_opened_with_a_password_for_one_use(admin: Client, town: City) -> None:
    answer = admin.post(
        "/admin/auth/user/add/", {"username": "li", "first_name": "李四"}, follow=True
    )
    found = re.search(r"临时密码：([2-9a-z]{4}(-[2-9a-z]{4}){2})", answer.content.decode())
    assert found
    li = User.objects.get(username="li")
    assert Account.objects.get(user=li).must_change
    assert "临时密码" not in admin.get(f"/admin/auth/user/{li.pk}/change/").content.decode()
    assert found[1] not in str(list(Entry.objects.values_list("after", flat=True)))
    browser = Client()
    assert browser.post("/sign-in", {"name": "li", "password": found[1]}).status_code == 302
    assert browser.get("/").headers["Location"] == "/account/password"
    said(admin, "/admin/auth/user/add/", username="LI", first_name="又一个")


def test_a_reset_ends_the_sessions_and_asks_for_a_change(admin: Client, wang: User) -> None:
    browser = Client()
    browser.post("/sign-in", {"name": "wang", "password": SECRET})
    answer = admin.post(f"/admin/auth/user/{wang.pk}/password/", follow=True)
    assert "临时密码" in answer.content.decode()
    assert browser.get("/").status_code == 302
    assert not UserSession.objects.filter(user=wang).exists()
    assert admin.get(f"/admin/auth/user/{wang.pk}/password/").status_code == 405
    own = User.objects.get(username="admin")
    answer = admin.post(f"/admin/auth/user/{own.pk}/password/", follow=True)
    assert "我的账号" in answer.content.decode()


def test_a_closed_account_is_out_at_once_and_nobody_closes_the_own(
    admin: Client, wang: User
) -> None:
    browser = Client()
    browser.post("/sign-in", {"name": "wang", "password": SECRET})
    keep(admin, f"/admin/auth/user/{wang.pk}/change/", first_name="王五", why="离职")
    assert browser.get("/api/cells?city=toy").status_code == 401
    assert Entry.objects.get(verb="change-account").why == "离职"
    own = User.objects.get(username="admin")
    assert "不能停用自己" in said(admin, f"/admin/auth/user/{own.pk}/change/", first_name="我")
    assert admin.post(f"/admin/auth/user/{wang.pk}/delete/", {"post": "yes"}).status_code == 403


def test_a_posting_takes_effect_at_once_and_ends_at_once(admin: Client, town: City) -> None:
    li = User.objects.create_user("li", password="li-secret-7")
    browser = Client()
    browser.post("/sign-in", {"name": "li", "password": "li-secret-7"})
    before = browser.session.session_key
    assert browser.get("/api/cells?city=toy").status_code == 404
    keep(
        admin, "/admin/layers/posting/add/", user=li.pk, role="planner", city=town.pk,
        valid_0=f"{timezone.localtime():%Y-%m-%dT%H:%M}", why="任命",
    )  # fmt: skip
    assert browser.get("/api/cells?city=toy").status_code == 200
    assert browser.session.session_key != before, "new rights, new key"
    made = Posting.objects.get(user=li)
    assert (
        admin.post(f"/admin/layers/posting/{made.pk}/delete/", {"post": "yes"}).status_code == 302
    )
    assert browser.get("/api/cells?city=toy").status_code == 404
    assert Posting.objects.get(user=li).valid.upper is not None, "what was in force is kept"
    assert [entry.verb for entry in Entry.objects.filter(subject_kind="posting")] == [
        "post", "end-posting",
    ]  # fmt: skip


def test_a_posting_without_any_time_is_refused_in_words(admin: Client, wang: User) -> None:
    kept = wang.postings.get()
    assert "必填" in said(admin, f"/admin/layers/posting/{kept.pk}/change/", why="试试")
    assert wang.postings.get().valid == kept.valid


def test_a_posting_that_breaks_a_rule_is_refused_in_words(admin: Client, wang: User) -> None:
    city = City.objects.get()
    now = f"{timezone.localtime():%Y-%m-%dT%H:%M}"
    path = "/admin/layers/posting/add/"
    said(admin, path, user=wang.pk, role="department", city=city.pk, valid_0=now)
    said(admin, path, user=wang.pk, role="king", city=city.pk, valid_0=now)
    past = {"valid_0": "2020-01-01T00:00", "valid_1": "2021-01-01T00:00"}
    assert "须晚于" in said(admin, path, user=wang.pk, role="planner", city=city.pk, **past)
    assert Posting.objects.filter(user=wang).count() == 1


def city_administrator(town: City) -> Client:
    """The browser of somebody who administers the toy city and nothing else."""
    zhao = User.objects.create_user("zhao", password="zhao-secret-7")
    Posting.objects.create(user=zhao, role="admin", city=town, valid=toy.ALWAYS)
    client = Client()
    client.force_login(zhao)
    return client


def test_one_citys_administrator_reaches_no_other_city(town: City, wang: User) -> None:
    client = city_administrator(town)
    other = City.objects.create(
        slug="other", code="350499", name="别城", metric_srid=4548, bounds=toy.box(5000, 0, 99, 99)
    )
    theirs = Department.objects.create(city=other, code="x", name="别城部门")
    stranger = User.objects.create_user("stranger", password="stranger-secret-7")
    Posting.objects.create(
        user=stranger, role="planner", city=other, valid=DateTimeTZRange(toy.OPENED, None)
    )
    root = User.objects.create_superuser("root", password="root-secret-7")
    for path in ("department", "posting", "city", "citysetting"):
        page = client.get(f"/admin/layers/{path}/").content.decode()
        assert "别城" not in page, path
    assert client.get(f"/admin/layers/department/{theirs.pk}/change/").status_code == 302
    people = client.get("/admin/auth/user/").content.decode()
    assert "wang" in people
    assert "stranger" not in people
    assert "root" not in people
    for user in (stranger, root):
        before = User.objects.get(pk=user.pk).password
        client.post(f"/admin/auth/user/{user.pk}/password/")
        assert User.objects.get(pk=user.pk).password == before
    now = f"{timezone.localtime():%Y-%m-%dT%H:%M}"
    said(
        client,
        "/admin/layers/posting/add/",
        user=wang.pk,
        role="planner",
        city=other.pk,
        valid_0=now,
    )
    said(client, "/admin/layers/department/add/", city=other.pk, code="y", name="y", rank=1)
    keep(client, "/admin/layers/department/add/", city=town.pk, code="y", name="y", rank=1)
