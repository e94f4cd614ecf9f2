"""The page of channels: what arrived, what waits, what was set aside; sent again, or dropped."""

from __future__ import annotations

import re
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from gridmap.layers import couriers, rounds, spreading
from gridmap.layers.deliveries import Delivery
from gridmap.layers.journal import Entry
from gridmap.layers.notices import Notice, Outbox
from gridmap.layers.postings import Posting, Role
from gridmap.layers.territory import City
from tests import town as toy
from tests.cases.conftest import Office, staffed
from tests.notices.carrying import carry, delivery
from tests.notices.conftest import tell
from tests.notices.far_side import FarSide, far_side

PAGE = "/desk/channels?city=toy"
SECRET = "s3cret"
GROUP = {"name": "甲社区群", "url": "https://r.example", "community": "350404001001"}


@pytest.fixture
def office(town: City) -> Office:
    found = staffed(town)
    Outbox.objects.all().delete()
    return found


@pytest.fixture
def leader(client: Client, office: Office) -> Client:
    client.force_login(User.objects.get(username="leader"))
    return client


def listen(settings: Any, side: FarSide) -> None:
    settings.ROBOTS = [{"name": "甲社区群", "url": side.url("/send?key=robot-key"), "inside": True}]
    settings.WEBHOOKS = [{"name": "平台", "url": side.url(), "secret": SECRET, "inside": True}]


def text(client: Client, **headers: str) -> str:
    answer = client.get(PAGE, headers=headers)
    assert answer.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def do(client: Client, deed: str, *messages: Delivery | Outbox) -> str:
    """Press a button, and read what the page says."""
    sent = {"deed": deed, "message": [one.pk for one in messages]}
    answer = client.post(PAGE, sent, follow=True)
    assert answer.status_code == 200
    return " ".join(re.findall(r'role="status">(.*?)</p>', answer.content.decode()))


def test_what_a_far_side_refused_for_a_day_is_told_in_words_and_sent_again_once(
    leader: Client, office: Office, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rounds, "ROBOT_A_MINUTE", 1_000)  # a day of tries in a moment
    with far_side(*["500"] * 2 * rounds.MOST_TRIES) as side:
        listen(settings, side)
        case = office.report()
        type(case).objects.filter(pk=case.pk).update(title="谁家门口")
        tell()
        carry(most=500)
        assert {row.state for row in Delivery.objects.all()} == {"given_up"}
        page = text(leader)
        assert page.count("HTTP 500") == 2
        assert all(part in page for part in ("甲社区群", "平台", case.number, "还没有"))
        assert not any(part in page for part in ("robot-key", "127.0.0.1", SECRET, "谁家"))
        before = len(side.got)
        robot, hook = (Delivery.objects.get(channel=way) for way in ("robot", "webhook"))
        assert "1 条消息马上再发" in do(leader, "send", robot)
        assert "1 条消息马上再发" in do(leader, "send", hook)
        carry()
        assert len(side.got) == before + 2, "it has recovered: each arrives, once"
        assert "不必再发" in do(leader, "send", robot)
        carry()
        assert len(side.got) == before + 2
        page = text(leader)
        assert page.count("没有要处理的") == 2
        assert "HTTP 500" not in page
    told = Entry.objects.filter(verb="send_again")
    assert {(row.subject_id, row.city_id) for row in told} == {
        (robot.pk, office.town.pk), (hook.pk, office.town.pk),
    }  # fmt: skip


def test_what_was_dropped_never_goes_out_and_the_journal_tells_who_dropped_it(
    leader: Client, office: Office, settings: Any
) -> None:
    with far_side() as side:
        listen(settings, side)
        given_up = delivery("webhook", target="平台", state="given_up", trouble="HTTP 404")
        waiting = delivery("robot", target="甲社区群", trouble="HTTP 500", tries=1)
        assert "2 条消息不再发" in do(leader, "drop", given_up, waiting)
        assert "不必再发" in do(leader, "send", given_up)
        assert "已决定不再发" in do(leader, "drop", given_up)
        carry()
        tell()
        assert side.got == []
    assert {row.state for row in Delivery.objects.all()} == {"dropped"}
    entry = Entry.objects.filter(verb="drop_delivery").latest("pk")
    assert entry.actor_id == User.objects.get(username="leader").pk
    assert (entry.before["state"], entry.after["state"]) == ("waiting", "dropped")


def test_what_may_have_arrived_is_sent_again_only_by_who_has_looked(
    leader: Client, office: Office, settings: Any
) -> None:
    with far_side() as side:
        listen(settings, side)
        row = delivery("robot", target="甲社区群", state="unsure", trouble="ReadTimeout")
        page = text(leader)
        assert "对方接了消息，一直没有回答" in page
        assert "群里没有，再发" in page
        assert "先到群里看" in do(leader, "send", row)
        carry()
        assert side.got == []
        do(leader, "missing", row)
        carry()
        assert len(side.got) == 1


def test_a_group_that_answers_too_late_reads_it_once_more_only_when_somebody_says_it_is_missing(
    leader: Client, office: Office, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(couriers, "PATIENCE", (1.0, 0.3))
    with far_side("slow") as side:
        listen(settings, side)
        row = delivery("robot", target="甲社区群")
        carry()
        assert "不知是否送达" in text(leader)
        do(leader, "send", row)
        carry()
        assert len(side.got) == 1
        do(leader, "missing", row)
        do(leader, "missing", row)
        carry()
        assert len(side.got) == 2
    row.refresh_from_db()
    assert (row.state, row.tries) == ("sent", 1)


def test_what_waits_for_its_next_try_goes_now_and_what_is_on_its_way_is_left_alone(
    leader: Client, office: Office, settings: Any
) -> None:
    with far_side("503") as side:
        listen(settings, side)
        row = delivery("webhook", target="平台")
        assert rounds.try_one()
        assert not rounds.try_one(), "control: it waits"
        assert "自动再试" in text(leader)
        do(leader, "send", row)
        held = rounds.take()
        assert held == row
        assert "正在发送" in do(leader, "send", row)
        assert "正在发送" in do(leader, "drop", row)
        rounds.settle(held, None)
        assert len(side.got) == 1, "nobody sent it beside the worker that has it"
    row.refresh_from_db()
    assert (row.state, row.tries) == ("sent", 2)


def test_what_could_not_be_told_is_told_again_or_dropped(
    leader: Client, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = [office.report(), office.report(60, 50)]

    def stumble(*_given: object) -> set[int]:
        raise KeyError

    with monkeypatch.context() as broken:
        broken.setattr(spreading, "hearers", stumble)
        tell()
    page = text(leader)
    assert "没能告知的变化" in page
    assert page.count("程序出错（KeyError）") == 2
    assert all(case.number in page for case in cases)
    first, second = Outbox.objects.order_by("pk")
    assert "1 处变化马上再告知" in do(leader, "tell", first)
    assert "1 处变化不再告知" in do(leader, "drop-untold", second)
    tell()
    assert set(Notice.objects.values_list("incident", flat=True)) == {cases[0].pk}
    assert not Outbox.objects.exists()
    verbs = Entry.objects.filter(subject_kind="outbox").order_by("pk")
    assert list(verbs.values_list("verb", flat=True)) == ["tell_again", "drop_untold"]
    gone = verbs.get(verb="drop_untold")
    assert gone.before["subject_id"] == cases[1].pk
    assert gone.city_id == office.town.pk


def test_another_citys_leader_and_who_minds_no_channels_find_nothing(
    client: Client, office: Office, settings: Any
) -> None:
    nobodys = {"name": "没有的部门", "url": "https://r.example", "department": "sanitation"}
    settings.ROBOTS = [GROUP, nobodys]
    other = City.objects.create(
        slug="other", code="350403", name="别的城市", metric_srid=toy.SRID,
        bounds=toy.box(5_000, 0, 100, 100),
    )  # fmt: skip
    user = User.objects.create_user("stranger")
    Posting.objects.create(user=user, role=Role.LEADER, city=other, valid=toy.ALWAYS)
    row = delivery("robot", target="甲社区群", state="given_up", trouble="HTTP 500")
    untold = Outbox.objects.create(
        key="k", verb="late", subject_kind="incident", subject_id=toy.incident(50, 50).pk,
        at=timezone.now(), stuck=True,
    )  # fmt: skip
    for name in ("stranger", "duty", "cadre"):
        client.force_login(User.objects.get(username=name))
        absent = client.get("/desk/channels?city=nowhere")
        forbidden = client.get(PAGE)
        assert (absent.status_code, forbidden.status_code) == (404, 404)
        for address in (PAGE, "/desk/channels?city=other"):
            for deed, one in (("send", row), ("drop", row), ("tell", untold)):
                assert client.post(address, {"deed": deed, "message": one.pk}).status_code == 404
    client.force_login(user)
    own = client.get("/desk/channels").content.decode()
    assert "别的城市" in own
    assert "甲社区群" not in own
    assert "没有的部门" not in own, "there is no such department here"
    row.refresh_from_db()
    untold.refresh_from_db()
    assert (row.state, untold.stuck) == ("given_up", True)
    assert not Entry.objects.filter(verb__in=["send_again", "drop_delivery"]).exists()


def test_of_several_one_that_is_not_there_leaves_all_as_they_were(
    leader: Client, office: Office
) -> None:
    row = delivery("robot", target="甲社区群", state="given_up", trouble="HTTP 500")
    for wrong in (row.pk + 1, "x", "", "9" * 30):
        sent = {"deed": "drop", "message": [row.pk, wrong]}
        assert leader.post(PAGE, sent).status_code == 404
    assert leader.post(PAGE, {"deed": "burn", "message": row.pk}).status_code == 404
    row.refresh_from_db()
    assert row.state == "given_up"


def test_whoever_administers_minds_channels_and_reads_no_case(
    client: Client, office: Office
) -> None:
    toy.posted("root", role=Role.ADMIN)
    case = office.report()
    body = {"verb": "late", "number": case.number, "category": "暴露垃圾"}
    delivery("robot", target="甲社区群", state="given_up", trouble="errcode 93000", body=body)
    client.force_login(User.objects.get(username="root"))
    page = text(client)
    assert "机器人的密钥无效" in page
    assert case.number not in page
    assert "暴露垃圾" not in page


def test_inbox_and_desk_lead_there_with_what_waits(leader: Client, office: Office) -> None:
    assert "/desk/channels" in leader.get("/inbox").content.decode()
    assert "/desk/channels" not in leader.get("/desk").content.decode()
    delivery("robot", target="甲社区群", state="unsure", trouble="ReadTimeout")
    for address in ("/inbox", "/desk"):
        shown = leader.get(address).content.decode()
        assert re.search(r'/desk/channels[^>]*>外发渠道 <b class="number bad">1</b>', shown)
    leader.force_login(User.objects.get(username="duty"))
    for address in ("/inbox", "/desk"):
        assert "/desk/channels" not in leader.get(address).content.decode()


def test_without_channels_it_says_who_adds_them_and_in_english_all_is_english(
    leader: Client, office: Office, settings: Any
) -> None:
    assert "还没有渠道" in text(leader)
    settings.ROBOTS = [{"name": "team", "url": "https://r.example", "department": "sanitation"}]
    delivery("robot", target="team", state="given_up", trouble="HTTP 500")
    delivery("robot", target="team", about="b", state="unsure", trouble="ReadTimeout")
    page = text(leader, accept_language="en")
    assert all(part in page for part in ("Channels", "Sanitation", "Send again", "HTTP 500"))


def test_more_messages_ask_no_more_questions(leader: Client, office: Office, settings: Any) -> None:
    settings.ROBOTS = [GROUP]
    body = {"verb": "late", "number": office.report().number}
    delivery("robot", target="甲社区群", state="given_up", trouble="HTTP 500", body=body)
    with CaptureQueriesContext(connection) as few:
        leader.get(PAGE)
    for n in range(120):
        name = f"群 {n % 7}"
        delivery("robot", f"{n}", target=name, state="given_up", trouble="HTTP 500", body=body)
    with CaptureQueriesContext(connection) as many:
        page = text(leader)
    assert len(many) == len(few)
    assert "这里只列出最近的" in page


def test_the_operator_is_told_what_waits_and_readiness_does_not_hang_on_a_far_side(
    client: Client, office: Office
) -> None:
    Delivery.objects.all().delete()
    out = StringIO()
    call_command("check_notices", stdout=out)
    assert out.getvalue() == "toy outbox: waiting 0, oldest 0 s, set aside 0\n"
    delivery("robot", target="甲社区群", state="given_up", trouble="HTTP 500")
    delivery("robot", target="甲社区群", about="entry 2")
    office.report()
    out = StringIO()
    with pytest.raises(CommandError, match="1 条要人处理"):
        call_command("check_notices", stdout=out)
    assert re.search(r"toy outbox: waiting [1-9]\d*, oldest \d+ s, set aside 0", out.getvalue())
    assert re.search(r"toy robot 甲社区群: waiting 1, oldest \d+ s, set aside 1", out.getvalue())
    assert client.get("/readyz").status_code == 200
