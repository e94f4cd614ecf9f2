"""The ledger's page and its sheets: true to scale, readable, and nothing breaks out of them."""

from __future__ import annotations

import re

import pypdfium2
import pytest
import zxingcpp
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pypdfium2 import raw

from gridmap.actions import lines, signs
from gridmap.layers import cards
from gridmap.layers.people import Person
from gridmap.layers.places import Building, Lane, Street
from gridmap.layers.postings import Role
from gridmap.layers.scope import Scope
from gridmap.layers.signs import Printing, Sign
from gridmap.layers.territory import City
from gridmap.pages.sign_sheet import rows_of
from tests import town as toy
from tests.api.test_naughty import NAUGHTY
from tests.signing import hang_everything, stale, succeed, things

POINT_MM = 25.4 / 72
DOTS = 3  # pixels a point: the sheet as a camera sees it


@pytest.fixture
def leader(town: City) -> Scope:
    return toy.eyes("leader", role=Role.LEADER)


@pytest.fixture
def hung(leader: Scope) -> Scope:
    """A town in which every sign hangs."""
    hang_everything(leader)
    return leader


def signed_in(client: Client, scope: Scope) -> Client:
    client.force_login(User.objects.get(pk=scope.user_id or 0))
    return client


def sheets(client: Client, scope: Scope, city: City, *names: str, paper: str = "A4") -> bytes:
    made = signs.print_signs(by=scope, city=city, things=things(*names), paper=paper)
    answer = signed_in(client, scope).get(reverse("sign-print-list", args=[made.pk]))
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/pdf")
    return bytes(answer.content)


@pytest.fixture
def document(client: Client, hung: Scope, town: City) -> pypdfium2.PdfDocument:
    """A cell, a building and a lane on A4."""
    City.objects.update(approval="闽S〔2026〕1 号")
    return pypdfium2.PdfDocument(sheets(client, hung, town, "A-1", "B1", "L1"))


def text(page: pypdfium2.PdfPage) -> str:
    return str(page.get_textpage().get_text_range()).replace("\xa0", " ")


def test_a_sheet_tells_everything_it_must(document: pypdfium2.PdfDocument) -> None:
    cell, lane, building = (text(page) for page in document)
    for words in (
        "列东街道 · 甲社区", "第一网格公示牌", "350404 001 001 001", "陈木子", "林小满", "何青禾",
        "社区热线", "0598-000000", "紧急 110 · 119 · 120", "比例尺 1:1 250（A4）", "北", "50 米",
        "本网格范围", "网格版本 2024-01-01 起", "打印 ", "牌号 S-00008", "第 1 / 3 张",
        "演示数据，非真实地名与人员", "闽S〔2026〕1 号", "扫码：有事找谁", "榕树巷",
    ):  # fmt: skip
        assert words in cell, words
    assert "榕树巷 1 号公示牌" in building
    assert "苏望舒" in building
    assert "您在这里" in building
    assert "榕树巷公示牌" in lane
    assert "第 2 / 3 张" in lane


def test_the_code_on_paper_leads_to_the_card(
    client: Client, document: pypdfium2.PdfDocument
) -> None:
    City.objects.update(public_card=True)
    for page, title in zip(document, ("第一网格", "榕树巷", "榕树巷 1 号"), strict=True):
        found = zxingcpp.read_barcodes(page.render(scale=DOTS).to_numpy())
        assert len(found) == 1
        address = found[0].text
        assert address.startswith("http://testserver/q/")
        assert title in client.get(address.removeprefix("http://testserver")).content.decode()
        corners = found[0].position
        side = abs(corners.top_right.x - corners.top_left.x) / DOTS * POINT_MM
        assert side >= 40


def boxes(page: pypdfium2.PdfPage) -> list[tuple[float, float]]:
    """Width and height in millimetres of every filled or drawn path."""
    sizes = []
    for drawn in page.get_objects():
        if drawn.type == raw.FPDF_PAGEOBJ_PATH:
            left, bottom, right, top = drawn.get_bounds()
            sizes.append(((right - left) * POINT_MM, (top - bottom) * POINT_MM))
    return sizes


@pytest.mark.parametrize(("paper", "scale", "metres"), [("A4", 1250, 50), ("A3", 750, 50)])
def test_the_scale_is_true_on_paper(
    client: Client,
    hung: Scope,
    town: City,
    paper: str,
    scale: int,
    metres: int,
) -> None:
    """A cell of 100 m, its bar and its number, measured on the sheet itself."""
    page = pypdfium2.PdfDocument(sheets(client, hung, town, "A-1", paper=paper))[0]
    said = re.search(r"1:([\d ]+)（", text(page))
    assert said
    assert int(said[1].replace(" ", "")) == scale
    bar = 1000 * metres / scale
    assert any(
        width == pytest.approx(bar, rel=0.01) and height < 1 for width, height in boxes(page)
    )
    side, pen = 1000 * 100 / scale, 0.8 * (2**0.5 if paper == "A3" else 1)
    drawn = [(w, h) for w, h in boxes(page) if w == pytest.approx(side, abs=pen + 0.01 * side)]
    assert any(h == pytest.approx(side, abs=pen + 0.01 * side) for _, h in drawn)


def test_everything_can_be_read_from_where_people_stand(document: pypdfium2.PdfDocument) -> None:
    page = document[0]
    letters = page.get_textpage()
    sizes: dict[str, set[float]] = {}
    for n in range(letters.count_chars()):
        sign = chr(raw.FPDFText_GetUnicode(letters, n))
        if sign.strip():
            sizes.setdefault(sign, set()).add(raw.FPDFText_GetFontSize(letters, n))
    assert min(size for found in sizes.values() for size in found) >= 9
    assert max(sizes["牌"]) >= 22
    assert max(sizes["0"]) >= 24


@pytest.mark.parametrize("odd", NAUGHTY, ids=range(len(NAUGHTY)))
def test_an_odd_name_stays_a_name_on_paper(
    client: Client,
    hung: Scope,
    town: City,
    odd: str,
) -> None:
    name = odd.replace("\0", "")
    Building.objects.filter(code="B1").update(address=name)
    Street.objects.update(name=name)
    Lane.objects.update(name=name)
    Person.objects.update(name=name[:40])
    found = pypdfium2.PdfDocument(sheets(client, hung, town, "B1"))
    assert len(found) == 1
    assert "社区热线" in text(found[0])
    page = signed_in(client, hung).get("/signs?state=printed").content.decode()
    assert "<script>alert" not in page


def test_one_click_prints_the_stale_ones_only(client: Client, hung: Scope, town: City) -> None:
    succeed("新楼长", office="building", building=Building.objects.get(code="B2"))
    page = signed_in(client, hung).get("/signs").content.decode()
    assert "1 张待换" in page
    assert "榕树巷 2 号" in page
    assert "榕树巷 1 号" not in page
    assert "变了：楼长" in re.sub(r"\s+", "", page)
    answer = client.post("/signs/print", {"back": "state=stale", "paper": "A4"})
    made = Printing.objects.order_by("pk").last()
    assert made is not None
    assert [sign.building.code for sign in made.signs.all() if sign.building] == ["B2"]
    listed = client.get(answer.headers["Location"]).content.decode()
    assert reverse("sign-print-list", args=[made.pk]) in listed
    assert "待挂" in client.get("/signs").content.decode()
    sign = made.signs.get()
    done = client.post("/signs/mark", {"hang": f"{sign.pk}-", "back": "state=stale"})
    after = client.get(done.headers["Location"]).content.decode()
    assert "1 张已挂上。" in after
    assert stale(hung) == set()
    client.post("/signs/mark", {"undo": str(sign.pk)})
    assert stale(hung) == {"B2"}


def test_a_long_list_is_printed_in_turns(
    client: Client,
    hung: Scope,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("gridmap.pages.signs.MOST", 2)
    page = signed_in(client, hung).get("/signs?state=missing").content.decode()
    assert "还剩 1 张" in page  # A-2, B-1 and B-2 have none
    client.post("/signs/print", {"back": "state=missing"})
    assert "还剩" not in client.get("/signs?state=missing").content.decode()


def test_everybody_sees_their_own_ledger_only(client: Client, hung: Scope) -> None:
    client.force_login(toy.posted("wang", "B"))
    page = client.get("/signs?state=hung").content.decode()
    assert "石坎巷" in page
    assert "榕树巷 1 号" not in page
    mine = Sign.objects.get(building__code="B1")
    assert client.post("/signs/mark", {"remove": str(mine.pk)}).status_code == 404
    assert client.get(f"/signs?community={toy.community('A').pk}").status_code == 404
    assert client.get(f"/signs?cell={toy.cell('A', 1).pk}").status_code == 404
    mine.refresh_from_db()
    assert mine.removed_at is None
    client.force_login(toy.posted("stranger", role=Role.PATROL))
    assert "取下了" not in client.get("/signs?state=hung").content.decode()
    assert client.get("/signs?city=elsewhere").status_code == 404
    assert client.get("/signs/print/999999.pdf").status_code == 404
    client.logout()
    for path in ("/signs", "/signs/lines", f"/signs/print/{mine.printing_id}.pdf"):
        assert client.get(path).status_code == 302, path


def test_a_line_is_set_on_its_page(client: Client, hung: Scope) -> None:
    signed_in(client, hung)
    assert "甲社区" in client.get("/signs/lines").content.decode()
    given = {"community": toy.community("A").pk, "phone": "0598-7654321", "hours": "每天"}
    answer = client.post("/signs/lines/set", given, follow=True).content.decode()
    assert "社区热线已更新" in answer
    assert 'value="0598-7654321"' in answer
    assert stale(hung) == {"A-1", "L1", "B1", "B2"}
    wrong = client.post("/signs/lines/set", {**given, "phone": "<b>"}, follow=True)
    assert "“&lt;b&gt;”不是电话号码" in wrong.content.decode()


def test_a_cell_with_many_lanes_says_where_the_rest_stand(leader: Scope, town: City) -> None:
    card = cards.of(leader, "cell", toy.cell("A", 1).pk, now=timezone.now())
    assert [row[0] for row in rows_of(card)] == ["网格员", "网格长", "街长", "巷长", "楼长"]
    assert rows_of(card)[2] == ("街长", "林小满", "和平街")


def test_an_empty_ledger_says_what_to_do(client: Client, town: City) -> None:
    client.force_login(toy.posted("leader", role=Role.LEADER))
    assert "没有待换的公示牌" in client.get("/signs").content.decode()
    assert "还没有对居民开通公示卡" in client.get("/signs").content.decode()
    lines.show_cards(by=toy.eyes("other", role=Role.LEADER), city=town, shown=True)
    assert "还没有对居民开通公示卡" not in client.get("/signs").content.decode()
