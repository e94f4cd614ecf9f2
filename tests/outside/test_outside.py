"""Signing in by an outside identity, against providers that really answer and sometimes lie."""

import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import get_resolver

from gridmap.actions import accounts, identities
from gridmap.errors import BadValue, OutOfScope, WrongState
from gridmap.layers.accounts import new_secret
from gridmap.layers.identities import Identity
from gridmap.layers.journal import Entry
from gridmap.layers.postings import Role, operator_scope, scope_of
from gridmap.layers.territory import City
from tests import town as toy
from tests.outside.browser import ROOT, Browser, command, environment, served
from tests.outside.providers import Provider
from tests.permissions.routes import patterns
from tests.telephone import code_of

WAYS = ("oidc", "wechat")


@pytest.fixture(scope="module")
def site(django_db_setup: None) -> Iterator[tuple[int, Provider]]:
    """A provider, and our server that knows it."""
    with Provider() as provider, served(environment(provider.url)) as port:
        yield port, provider


@pytest.fixture
def provider(transactional_db: None, site: tuple[int, Provider]) -> Provider:
    """An honest provider whose person is linked with wang of a committed town."""
    toy.build()
    wang = toy.posted("wang", "A")
    for way in WAYS:
        Identity.objects.create(user=wang, way=way, subject="u-1001")
    found = site[1]
    found.subject, found.cancels, found.lies = "u-1001", False, {}
    return found


@pytest.fixture
def visitor(site: tuple[int, Provider], provider: Provider) -> Browser:
    return Browser(site[0])


def signed_in(visitor: Browser) -> bool:
    return visitor.get("/account") == 200 and ">wang<" in visitor.body


@pytest.mark.parametrize("way", WAYS)
def test_a_linked_identity_opens_its_account_and_leads_where_one_wanted(
    visitor: Browser, way: str
) -> None:
    visitor.get("/sign-in?next=/light")
    assert f"/sign-in/with/{way}?next=%2Flight" in visitor.body
    back = visitor.back_from(f"/sign-in/with/{way}?next=%2Flight")
    before = visitor.cookies["session"]
    assert (visitor.get(back), visitor.location) == (302, "/light")
    assert (
        visitor.cookies["session"] != before
    )  # a session that somebody else began is worth nothing
    assert signed_in(visitor)
    told = Entry.objects.filter(verb="sign-in").latest("pk")
    assert told.actor_id == User.objects.get(username="wang").pk


@pytest.mark.parametrize("way", WAYS)
def test_whoever_has_a_second_factor_gives_its_code_after_the_outside_identity_too(
    visitor: Browser, provider: Provider, way: str
) -> None:
    secret, wang = new_secret(), User.objects.get(username="wang")
    accounts.turn_on_second_factor(by=scope_of(wang.pk), secret=secret, code=code_of(secret, -1))
    back = visitor.back_from(f"/sign-in/with/{way}?next=%2Flight")
    assert (visitor.get(back), visitor.location) == (302, "/sign-in/code")
    assert not signed_in(visitor)
    assert visitor.get("/sign-in/code") == 200
    assert visitor.post("/sign-in/code", code="000000") == 422
    assert not signed_in(visitor)
    visitor.get("/sign-in/code")
    assert visitor.post("/sign-in/code", code=code_of(secret)) == 302
    assert (visitor.location, signed_in(visitor)) == ("/light", True)


@pytest.mark.parametrize("way", WAYS)
def test_an_unknown_identity_opens_nothing_and_makes_no_account(
    visitor: Browser, provider: Provider, way: str
) -> None:
    provider.subject = "u-2002"
    accounts = User.objects.count()
    assert visitor.get(visitor.back_from(f"/sign-in/with/{way}")) == 403
    assert "这个外部身份没有关联到任何账号" in visitor.body
    assert "u-2002" in visitor.body
    assert (User.objects.count(), signed_in(visitor)) == (accounts, False)


@pytest.mark.parametrize("way", WAYS)
def test_a_closed_account_stays_closed(visitor: Browser, way: str) -> None:
    User.objects.filter(username="wang").update(is_active=False)
    assert visitor.get(visitor.back_from(f"/sign-in/with/{way}")) == 403
    assert "已停用" in visitor.body
    assert not signed_in(visitor)


@pytest.mark.parametrize("way", WAYS)
def test_a_state_that_is_not_this_browsers_is_refused(
    visitor: Browser, site: tuple[int, Provider], way: str
) -> None:
    back = visitor.back_from(f"/sign-in/with/{way}")
    victim = Browser(site[0])
    for address in (
        back,
        re.sub(r"state=\w+", "state=forged", back),
        re.sub(r"state=\w+&?", "", back),
    ):
        assert victim.get(address) == 400
        assert "核对不上" in victim.body
        assert not signed_in(victim)


@pytest.mark.parametrize("way", WAYS)
def test_a_code_is_good_once(visitor: Browser, site: tuple[int, Provider], way: str) -> None:
    back = visitor.back_from(f"/sign-in/with/{way}")
    code = re.search(r"code=(\w+)", back)
    assert code is not None
    assert visitor.get(back) == 302
    assert visitor.get(back) == 400
    other = Browser(site[0])
    fresh = other.back_from(f"/sign-in/with/{way}")
    assert other.get(re.sub(r"code=\w+", f"code={code[1]}", fresh)) == 400
    assert not signed_in(other)


@pytest.mark.parametrize("way", WAYS)
def test_whoever_says_no_there_is_told_so_here(
    visitor: Browser, provider: Provider, way: str
) -> None:
    provider.cancels = True
    assert visitor.get(visitor.back_from(f"/sign-in/with/{way}")) == 403
    assert "取消" in visitor.body


@pytest.mark.parametrize(
    "lie",
    [
        {"nonce": "of another visitor"}, {"iss": "https://evil.example"}, {"aud": "somebody-else"},
        {"exp": int(time.time()) - 3600}, {"key": True}, {"alg": "none"}, {"alg": "HS256"},
        {"sub": ""},
    ],
    ids=["nonce", "issuer", "audience", "expired", "key", "unsigned", "shared secret", "nobody"],
)  # fmt: skip
def test_a_token_that_does_not_fit_is_refused(
    visitor: Browser, provider: Provider, lie: dict[str, Any]
) -> None:
    provider.lies = lie
    status = visitor.get(visitor.back_from("/sign-in/with/oidc"))
    assert status == (403 if lie == {"sub": ""} else 400), visitor.body
    assert not signed_in(visitor)
    # The control: the same provider, honest again.
    provider.lies = {}
    assert visitor.get(visitor.back_from("/sign-in/with/oidc")) == 302
    assert signed_in(visitor)


def test_a_discovery_document_of_another_issuer_begins_nothing(
    visitor: Browser, provider: Provider
) -> None:
    provider.lies = {"discovery": "https://evil.example"}
    assert visitor.get("/sign-in/with/oidc") == 503
    assert visitor.get("/sign-in/with/nobody") == 404


def test_many_refused_answers_from_one_machine_are_waited_out(
    visitor: Browser, provider: Provider
) -> None:
    seen = {visitor.get("/sign-in/with/oidc/done?state=x&code=y") for _ in range(31)}
    assert seen == {400, 429}


def test_the_signed_in_link_an_identity_with_their_password_and_let_it_go(
    visitor: Browser, provider: Provider, site: tuple[int, Provider]
) -> None:
    Identity.objects.filter(way="oidc").delete()
    visitor.sign_in("wang", "wang-secret-7")
    assert (visitor.get(visitor.back_from("/sign-in/with/oidc")), visitor.location) == (
        302, "/account/outside",
    )  # fmt: skip
    visitor.get(visitor.location)
    assert visitor.post("/account/outside", password="wrong") == 422
    assert not Identity.objects.filter(way="oidc").exists()
    assert visitor.post("/account/outside", password="wang-secret-7") == 302
    assert visitor.location == "/account?linked"
    assert Entry.objects.filter(verb="link_identity").exists()
    other = Browser(site[0])
    assert other.get(other.back_from("/sign-in/with/oidc")) == 302
    assert signed_in(other)
    visitor.get("/account")
    assert visitor.post("/account/outside/oidc/end") == 302
    last = Browser(site[0])
    assert last.get(last.back_from("/sign-in/with/oidc")) == 403
    visitor.get("/account")
    assert visitor.post("/account/outside/oidc/end") == 404


def test_what_was_begun_to_link_signs_nobody_else_in(
    visitor: Browser, provider: Provider, site: tuple[int, Provider]
) -> None:
    visitor.sign_in("wang", "wang-secret-7")
    back = visitor.back_from("/sign-in/with/oidc")
    visitor.get("/account")
    visitor.post("/sign-out")
    assert visitor.get(back) == 400
    assert not signed_in(visitor)


def test_an_administrator_links_and_unlinks(visitor: Browser, provider: Provider) -> None:
    Identity.objects.all().delete()
    admin = toy.posted(f"admin{time.monotonic_ns()}", role=Role.ADMIN)
    User.objects.filter(pk=admin.pk).update(is_staff=True)
    visitor.sign_in(admin.username, f"{admin.username}-secret-7")
    assert visitor.get("/admin/layers/identity/add/") == 200
    wang = User.objects.get(username="wang")
    values = {"user": str(wang.pk), "way": "wechat", "subject": "o-77", "why": "本人来办"}
    assert visitor.post("/admin/layers/identity/add/", **values) == 302, visitor.body
    made = Identity.objects.get()
    assert (made.user, made.subject) == (wang, "o-77")
    visitor.get(f"/admin/layers/identity/{made.pk}/delete/")
    assert visitor.post(f"/admin/layers/identity/{made.pk}/delete/", post="yes") == 302
    assert not Identity.objects.exists()


def test_the_pages_policy_is_as_strict_as_elsewhere(visitor: Browser, provider: Provider) -> None:
    provider.subject = "u-2002"
    visitor.get(visitor.back_from("/sign-in/with/oidc"))
    policy = visitor.headers["content-security-policy"]
    assert "form-action 'self'" in policy
    assert "default-src 'none'" in policy
    assert provider.url not in policy


def test_nothing_is_asked_of_a_provider_but_who_it_is(visitor: Browser, provider: Provider) -> None:
    provider.asked.clear()
    visitor.get(visitor.back_from("/sign-in/with/oidc"))
    assert set(provider.asked) == {
        "/.well-known/openid-configuration", "/authorize", "/token", "/jwks",
    }  # fmt: skip


@pytest.mark.django_db
def test_without_a_provider_there_is_no_route_and_no_word_of_it(town: City) -> None:
    assert [r for r, _ in patterns() if "outside" in r or "sign-in/with" in r] == []
    assert "allauth" not in str(get_resolver().url_patterns)
    client = Client()
    for address in ("/sign-in/with/oidc", "/sign-in/with/oidc/done", "/account/outside"):
        assert client.get(address).status_code == 404
    assert 'id="outside"' not in client.get("/sign-in").content.decode()


@pytest.mark.django_db
def test_with_one_there_are_the_routes_that_the_papers_name() -> None:
    words = "from tests.permissions.routes import patterns; print(*(r for r, _ in patterns()))"
    asked = command(
        "-c", f"import django; django.setup(); {words}", extra=environment("http://127.0.0.1:9")
    )
    told = subprocess.run(**asked, capture_output=True, text=True, check=True)  # type: ignore[call-overload]
    new = set(told.stdout.split()) - {route for route, _ in patterns()}
    papers = Path(ROOT / "docs/permissions.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^\| (/\S+) [A-Z ]+ \|", papers, re.MULTILINE))
    assert {route for route in new if not route.startswith("/admin/")} == named


@pytest.mark.parametrize("url", ["http://sso.example", "ftp://sso.example"])
def test_a_provider_without_tls_stops_the_start(url: str) -> None:
    told = subprocess.run(
        **command("manage.py", "check", extra=environment(url)),
        capture_output=True,
        text=True,
        check=False,
    )  # type: ignore[call-overload]
    assert told.returncode != 0
    assert "over https only" in told.stderr


@pytest.mark.django_db
def test_an_identity_opens_one_account_and_an_account_has_one_of_each(town: City) -> None:
    wang, li = toy.posted("wang", "A"), toy.posted("li", "B")
    by = operator_scope()
    identities.link_for(by=by, user_id=wang.pk, way="oidc", subject="u-1")
    with pytest.raises(WrongState, match="已关联到别的账号"):
        identities.link_for(by=by, user_id=li.pk, way="oidc", subject="u-1")
    with pytest.raises(WrongState, match="已有同一来源"):
        identities.link_for(by=by, user_id=wang.pk, way="oidc", subject="u-2")
    with pytest.raises(OutOfScope):
        identities.link_for(by=scope_of(li.pk), user_id=wang.pk, way="wechat", subject="u-3")
    for subject in ("", " ", "中文", "x" * 200, "a\nb"):
        with pytest.raises(BadValue):
            identities.link_for(by=by, user_id=li.pk, way="oidc", subject=subject)
    with pytest.raises(OutOfScope):
        identities.unlink_own(by=scope_of(li.pk), way="oidc")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "values",
    [
        {"way": "oidc", "subject": "u-1"}, {"way": "github", "subject": "x"},
        {"way": "wechat", "subject": ""}, {"way": "wechat", "subject": " x"},
        {"way": "wechat", "subject": "中"},
    ],
    ids=["twice", "another provider", "empty", "blank", "no ascii"],
)  # fmt: skip
def test_the_database_refuses_what_is_no_identity(town: City, values: dict[str, str]) -> None:
    Identity.objects.create(user=toy.posted("wang", "A"), way="oidc", subject="u-1")
    li = toy.posted("li", "B")
    with pytest.raises(IntegrityError), transaction.atomic():
        Identity.objects.create(user=li, **values)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM layers_identity")
        assert cursor.fetchone() == (1,)
