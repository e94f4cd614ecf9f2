"""What tests of the plans' pages share: who looks, a draft to look at, and how a page is read."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import timedelta

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from gridmap.layers.plans import Plan
from gridmap.layers.postings import Role, scope_of
from gridmap.layers.scope import Scope
from tests import town as toy

SAID = r'<p class="hint (?:ok|bad|ok success|bad error)" role="status">([^<]+)</p>'
SOON = (timezone.localdate() + timedelta(days=3)).isoformat()


def signed_in(name: str, role: Role) -> Client:
    client = Client()
    client.force_login(toy.posted(name, role=role))
    return client


def scope(client: Client) -> Scope:
    return scope_of(int(client.session["_auth_user_id"]))


def page(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status
    return answer.content.decode()


def workbook(content: bytes) -> list[list[list[str | float]]]:
    """The values of every sheet, row by row; there is no formula among them."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        shared = re.findall(
            r"<si><t[^>]*>([^<]*)</t></si>", book.read("xl/sharedStrings.xml").decode()
        )
        names = sorted(
            (name for name in book.namelist() if name.startswith("xl/worksheets/sheet")),
            key=lambda name: int(re.sub(r"\D", "", name)),
        )
        sheets = []
        for name in names:
            text = book.read(name).decode()
            assert "<f>" not in text
            rows = []
            for row in re.findall(r"<row [^>]*>(.*?)</row>", text):
                cells = re.findall(r'<c r="[A-Z]+\d+"[^>]*?(?: t="(s)")?><v>([^<]*)</v></c>', row)
                rows.append([shared[int(v)] if kind else float(v) for kind, v in cells])
            sheets.append(rows)
        return sheets


def do(client: Client, plan: Plan, deed: str, **values: object) -> str:
    """Send a form of the page; return what the page then says."""
    body = {"deed": deed, "seq": plan.head_seq, **values}
    answer = client.post(reverse("plan-do", args=[plan.pk]), body, follow=True)
    assert answer.status_code == 200
    plan.refresh_from_db()
    found = re.findall(SAID, answer.content.decode())
    assert len(found) == 1, re.findall(r"<p class=.hint.*", answer.content.decode())
    return str(found[0])
