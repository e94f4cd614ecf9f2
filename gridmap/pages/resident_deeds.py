"""What a resident does with the own report after its end: say how it was, or have it done again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from gridmap.actions.cases import Said
from gridmap.actions.voices import speak
from gridmap.errors import BadValue, Refusal
from gridmap.layers.postings import resident_scope
from gridmap.layers.rates import seconds_to_wait
from gridmap.pages.resident import letter_of, resident_page, show_status
from gridmap.pages.resident_after import Tried

RATE = "20/hour"  # deeds of one link
LONGEST = 500  # characters of a reason
WORST = 1


def _judged(values: Mapping[str, str]) -> Said:
    """Return the word on how it was done.

    Raises:
        BadValue: the form is not whole.
    """
    try:
        client, word = UUID(values.get("client_id", "")), int(values.get("satisfied", ""))
    except ValueError as fault:
        raise BadValue("表单不完整，请重新打开再填一次") from fault
    return Said(client_id=client, satisfied=word)


def _asked(values: Mapping[str, str]) -> Said:
    """Return why it shall be done again.

    Raises:
        BadValue: the form is not whole, or there is no reason, or one that is too long.
    """
    try:
        client = UUID(values.get("client_id", ""))
    except ValueError as fault:
        raise BadValue("表单不完整，请重新打开再填一次") from fault
    why = values.get("why", "").replace("\x00", "").strip()
    if not why:
        raise BadValue("请写一写哪里没办好")
    if len(why) > LONGEST:
        raise BadValue("最多写 %(longest)s 个字", longest=LONGEST)
    return Said(client_id=client, why=why)


def _deed(verb: str, read: Callable[[Mapping[str, str]], Said]) -> Callable[..., HttpResponseBase]:
    @resident_page
    @require_POST
    def done(request: HttpRequest, secret: str) -> HttpResponse:
        letter, values = letter_of(secret), request.POST.dict()

        def refused(words: str, status: int) -> HttpResponse:
            tried = Tried(verb, words, str(values.get("why", "")))
            return show_status(request, letter, secret, tried, status=status)

        if wait := seconds_to_wait(f"letter {letter.pk}", RATE):
            return refused(_("请过 %(n)s 分钟再试。") % {"n": -(-wait // 60)}, 429)
        try:
            said = read(values)
            speak(by=resident_scope(), letter=letter, verb=verb, said=said)
        except Refusal as refusal:
            words = _(refusal.message)
            return refused(words % refusal.detail if refusal.detail else words, 400)
        query = f"?lang={request.GET['lang']}" if request.GET.get("lang") == "en" else ""
        # Who is not satisfied is shown the reason to be given next: browsers open what it is in.
        part = "#why" if said.satisfied == WORST else ""
        address = reverse("report-status", kwargs={"secret": secret})
        return HttpResponseRedirect(f"{address}{query}{part}", status=303)

    return done


judge = _deed("evaluate", _judged)
ask_again = _deed("reopen", _asked)
