"""What a page answers to whoever may not do a thing, as against who may and did it wrong."""

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext as _

from gridmap.errors import NotYours, OutOfScope, Refusal


def turn_away(refusal: Refusal) -> None:
    """Answer whoever has no right; what may be tried again is left to the page to tell.

    Raises:
        PermissionDenied: no right to it.
        Http404: it is not there, or not the caller's.
    """
    if isinstance(refusal, NotYours):
        raise PermissionDenied(_(refusal.message)) from refusal
    if isinstance(refusal, OutOfScope):
        raise Http404(_(refusal.message)) from refusal
