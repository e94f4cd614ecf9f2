"""The inbox: what concerns the reader, read and unread, sorts, wishes; the bell; what was sent."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from gridmap.layers.deliveries import Delivery
from gridmap.layers.journal import Entry
from gridmap.layers.notices import Notice, NoticeWish, Outbox
from gridmap.layers.people import Department
from gridmap.layers.postings import Role
from gridmap.layers.territory import City
from tests import town as toy
from tests.cases.conftest import Office, staffed
from tests.notices.conftest import tell


@pytest.fixture
def office(town: City) -> Office:
    found = staffed(town)
    Outbox.objects.all().delete()
    return found


def enter(client: Client, name: str) -> Client:
    client.force_login(User.objects.get(username=name))
    return client


def page(client: Client, query: str = "", **headers: str) -> str:
    answer = client.get(f"/inbox{query}", headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


def rows(text: str) -> list[str]:
    """The rows of the inbox, as words."""
    found = re.findall(r'<button type="submit">\s*<span class="dot".*?</button>', text, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in found]


def test_it_tells_what_happened_to_what_where_and_when(client: Client, office: Office) -> None:
    case = office.report()
    tell()
    (row,) = rows(page(enter(client, "duty")))
    assert row.startswith("未读 上报事件")
    assert all(part in row for part in (case.title, case.number, "甲社区", "新上报"))
    english = page(client, accept_language="en")
    assert "Sanitation" in english
    assert "Unread" in english
    assert "New reports" in english


def test_an_empty_inbox_says_so_and_a_stranger_signs_in_first(
    client: Client, office: Office
) -> None:
    assert client.get("/inbox").status_code == 302
    assert "还没有通知" in page(enter(client, "cadre_b"))
    assert "没有未读的通知" in page(client, "?unread=1")


def test_one_is_marked_and_unmarked_and_what_came_in_meanwhile_stays_unread(
    client: Client, office: Office
) -> None:
    first, second = office.report(), office.report(60, 50)
    tell()
    enter(client, "duty")
    shown = re.findall(r'name="notice" value="(\d+)"', page(client))
    third = office.report(70, 50)
    tell()
    # "Mark this page read" names what was on it.
    client.post("/inbox/mark", {"notice": shown})
    unread = Notice.objects.filter(user__username="duty", read_at=None)
    assert [row.incident for row in unread] == [third]
    assert len(rows(page(client, "?unread=1"))) == 1
    one = Notice.objects.get(incident=first, user__username="duty")
    client.post("/inbox/mark", {"notice": one.pk, "read": "0"})
    assert set(unread.values_list("incident", flat=True)) == {first.pk, third.pk}
    assert second.pk not in set(unread.values_list("incident", flat=True))


def test_nobody_marks_what_is_anothers_and_nothing_breaks_on_nonsense(
    client: Client, office: Office
) -> None:
    office.report()
    tell()
    row = Notice.objects.get(user__username="duty")
    enter(client, "leader")
    client.post("/inbox/mark", {"notice": [row.pk, "x", "-1", "9" * 30]})
    assert client.post(f"/inbox/{row.pk}").headers["Location"] == "/inbox"
    row.refresh_from_db()
    assert row.read_at is None
    assert client.get("/inbox?before=x&kind=gossip&unread=7").status_code == 200


def test_that_it_was_read_is_told_to_nobody(client: Client, office: Office) -> None:
    office.report()
    tell()
    before = Entry.objects.count()
    row = Notice.objects.get(user__username="duty")
    enter(client, "duty").post(f"/inbox/{row.pk}")
    row.refresh_from_db()
    assert row.read_at is not None
    assert Entry.objects.count() == before


def test_opening_leads_to_the_case_and_counts_as_read(client: Client, office: Office) -> None:
    case = office.report()
    tell()
    row = Notice.objects.get(user__username="duty")
    answer = enter(client, "duty").post(f"/inbox/{row.pk}")
    assert answer.headers["Location"] == f"/cases/{case.number}?city=toy"
    assert client.get(answer.headers["Location"]).status_code == 200
    assert client.get("/inbox/count").json() == {"unread": 0, "words": "通知，没有未读"}


def test_a_case_that_went_to_others_is_gone_from_list_sorts_and_bell_alike(
    client: Client, office: Office
) -> None:
    case = office.upto("dispatched")
    tell()
    enter(client, "sanitation")
    assert len(rows(page(client))) == client.get("/inbox/count").json()["unread"] == 1
    urban = Department.objects.get(code="urban")
    office.act(case, "redispatch", "duty", department=urban.pk, why="不属环卫")
    tell()
    text = page(client)
    assert rows(text) == []
    assert case.title not in text
    assert client.get("/inbox/count").json()["unread"] == 0
    assert 'class="number" hidden' in re.sub(r"\s+", " ", text)


def test_the_reporter_of_a_case_that_is_not_theirs_to_see_hears_how_it_ended_and_no_more(
    client: Client, office: Office
) -> None:
    case = office.upto("inspecting")
    patrol = User.objects.get(username="patrol")
    type(case).objects.filter(pk=case.pk).update(reporter=patrol, title="谁家门口")
    office.act(case, "inspect", "cadre", finding=True)
    office.act(case, "close", "duty")
    tell()
    (row,) = rows(page(enter(client, "patrol")))
    assert "结案" in row
    assert case.number in row
    assert "暴露垃圾" in row, "the sort of what was reported"
    assert "谁家门口" not in row
    assert "环卫" not in row
    notice = Notice.objects.get(user__username="patrol", verb="close")
    assert client.post(f"/inbox/{notice.pk}").headers["Location"] == "/inbox"


def test_sorts_are_counted_and_chosen_and_older_ones_are_a_page_away(
    client: Client, office: Office
) -> None:
    case = office.upto("handling")
    office.act(case, "ask_park", "sanitation", why="等材料")
    tell()
    enter(client, "duty")
    assert len(rows(page(client, "?kind=asked"))) == 1
    row = Notice.objects.filter(user__username="duty").first()
    assert row is not None
    fields = {"user": row.user, "city": row.city, "kind": "result", "verb": "answer",
              "at": row.at, "incident": case}  # fmt: skip
    Notice.objects.bulk_create(Notice(key=f"more {n}", **fields) for n in range(60))
    text = page(client)
    assert len(rows(text)) == 50
    (older,) = re.findall(r'href="(/inbox\?before=\d+)"', text)
    rest = page(client, older.removeprefix("/inbox"))
    assert len(rows(rest)) == Notice.objects.filter(user=row.user).count() - 50
    assert "回到最新" in rest


def test_a_longer_inbox_asks_no_more_questions(client: Client, office: Office) -> None:
    office.report()
    tell()
    enter(client, "duty")
    with CaptureQueriesContext(
        connection,
    ) as few:
        page(client)
    for _ in range(8):
        office.report()
    tell()
    with CaptureQueriesContext(connection) as many:
        page(client)
    assert len(many) == len(few)


def test_wishes_are_kept_and_mail_is_offered_only_where_it_can_be_sent(
    client: Client, office: Office, settings: Any
) -> None:
    enter(client, "duty")
    assert "发邮件" not in page(client)
    settings.EMAIL_HOST = "mail.example"
    assert "您的账号还没有邮箱" in page(client)
    User.objects.filter(username="duty").update(email="duty@grid.example")
    assert "duty@grid.example" in page(client)
    answer = client.post(
        "/inbox/wishes", {"wanted": ["new", "due"], "mail_new": "daily", "mail_due": "once"}
    )
    assert answer.headers["Location"] == "/inbox#wishes"
    assert "通知设置已保存" in page(client)
    kept = NoticeWish.objects.filter(user__username="duty")
    assert set(kept.filter(wanted=True).values_list("kind", "mail")) == {
        ("new", "daily"), ("due", "once"),
    }  # fmt: skip
    client.post("/inbox/wishes", {"wanted": ["new"], "mail_new": "hourly"})
    assert "邮件只能选" in page(client)
    assert kept.get(kind="due").mail == "once", "nothing of a refused wish is kept"


def test_the_bell_rings_on_pages_and_on_the_map(client: Client, office: Office) -> None:
    office.report()
    tell()
    enter(client, "duty")
    for address in ("/desk", "/inbox"):
        bell = re.search(r'<a class="bell".*?</a>', client.get(address).content.decode(), re.DOTALL)
        assert bell is not None
        assert "通知，1 条未读" in bell[0]
        assert re.search(r'<b class="number" >1</b>', bell[0])
    assert '"unread": 1' in client.get("/").content.decode()


def test_whoever_administers_sees_what_was_sent_and_sends_it_once_more(
    client: Client, office: Office
) -> None:
    toy.posted("root", role=Role.ADMIN)
    User.objects.filter(username="root").update(is_staff=True)
    row = Delivery.objects.create(
        city=office.town, channel="robot", target="甲社区群", about="entry 1", body={},
        state="unsure", tries=1, trouble="ReadTimeout",
    )  # fmt: skip
    enter(client, "root")
    text = client.get("/admin/layers/delivery/").content.decode()
    assert all(part in text for part in ("甲社区群", "不知是否送达", "一直没有回答"))
    assert client.get(f"/admin/layers/delivery/{row.pk}/change/").status_code == 200
    sent = {"action": "again", "_selected_action": [row.pk]}
    text = client.post("/admin/layers/delivery/", sent, follow=True).content.decode()
    assert "1 条消息将再发一次" in text
    row.refresh_from_db()
    assert (row.state, row.tries) == ("waiting", 0)
    text = client.post("/admin/layers/delivery/", sent, follow=True).content.decode()
    assert "不必再发" in text
    assert enter(client, "leader").get("/admin/layers/delivery/", follow=True).status_code == 404
