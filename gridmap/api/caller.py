"""Who is calling: the only place in this door where a request is turned into a scope."""

from django.http import HttpRequest
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request

from gridmap.layers.postings import scope_of
from gridmap.layers.scope import Scope


class Session(SessionAuthentication):
    """Django's session; whoever has none is answered 401, not 403."""

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002
        return "Session"


def scope(request: Request | HttpRequest) -> Scope:
    """Return what the caller may see; ask once a request and hand it down.

    Raises:
        NotAuthenticated: nobody is signed in.
    """
    if request.user.pk is None:
        raise NotAuthenticated
    return scope_of(request.user.pk)
