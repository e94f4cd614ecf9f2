"""The one place of this door where a refusal becomes a status code and words."""

from collections.abc import Mapping
from typing import Any

from django.db import DataError, IntegrityError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, JsonResponse
from django.utils.translation import gettext, gettext_lazy
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from gridmap import errors
from gridmap.api.throttle import stranger_waits

STATUS: dict[type[errors.Refusal], int] = {
    errors.OutOfScope: 404,  # does not tell whether the thing exists
    errors.NotYours: 403,
    errors.NoSuchPlace: 422,
    errors.BadGeometry: 400,
    errors.BadValue: 400,
    errors.WeakPassword: 400,
    errors.BadFile: 400,
    errors.UntrustedFile: 403,
    errors.WrongState: 409,
    errors.EditionGone: 410,
    errors.NotSignedIn: 401,
    errors.NotAllowed: 405,
    errors.Busy: 503,
}

# What the framework itself refuses, under the names programs see.
FRAMEWORK: tuple[tuple[type[exceptions.APIException], str, object], ...] = (
    (exceptions.NotAuthenticated, "NotSignedIn", gettext_lazy("请先登录")),
    (exceptions.AuthenticationFailed, "NotSignedIn", gettext_lazy("请先登录")),
    (exceptions.PermissionDenied, "NotAllowed", gettext_lazy("没有权限做这件事")),
    (exceptions.MethodNotAllowed, "NotAllowed", gettext_lazy("这个地址不接受这种请求")),
    (exceptions.NotAcceptable, "NotAcceptable", gettext_lazy("只能给出 JSON")),
    (
        exceptions.UnsupportedMediaType,
        "BadValue",
        gettext_lazy("请求体须是 JSON（application/json）"),
    ),
    (exceptions.ParseError, "BadValue", gettext_lazy("请求体不是正确的 JSON")),
    (exceptions.Throttled, "TooMany", gettext_lazy("请求太多，请稍后再试")),
)


def _refused(refusal: errors.Refusal) -> Response:
    message = gettext(refusal.message)
    body: dict[str, object] = {
        "code": type(refusal).__name__,
        "message": message % refusal.detail if refusal.detail else message,
    }
    if refusal.detail:
        body["detail"] = refusal.detail
    kind = next(kind for kind in type(refusal).__mro__ if kind in STATUS)
    headers = {"Retry-After": "2"} if kind is errors.Busy else {}
    return Response(body, STATUS[kind], headers=headers)


def first_words(problem: object) -> str:
    """Return the first message in what a serializer found wrong, with the field it belongs to."""
    if isinstance(problem, Mapping):
        name, inner = next(iter(problem.items()))
        words = first_words(inner)
        return words if name == "non_field_errors" else f"{name}: {words}"
    if isinstance(problem, list | tuple):
        return first_words(problem[0]) if problem else ""
    return str(problem)


def _framework(exc: exceptions.APIException) -> Response:
    headers = {}
    if challenge := getattr(exc, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(exc, "wait", None):
        headers["Retry-After"] = str(int(wait))
    if isinstance(exc, exceptions.ValidationError):
        body = {
            "code": "BadValue",
            "message": first_words(exc.detail),
            "detail": {"fields": exc.detail},
        }
        return Response(body, exc.status_code, headers=headers)
    for kind, code, message in FRAMEWORK:
        if isinstance(exc, kind):
            return Response(
                {"code": code, "message": str(message)}, exc.status_code, headers=headers
            )
    return Response(
        {"code": "Refused", "message": str(exc.detail)}, exc.status_code, headers=headers
    )


def unknown(request: HttpRequest, rest: str) -> JsonResponse:  # noqa: ARG001
    """Answer addresses that are none, in JSON like everything else under /api/."""
    message = gettext("没有这个地址；有哪些见 /api/docs")
    return JsonResponse({"code": "OutOfScope", "message": message}, status=404)


def respond(exc: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's EXCEPTION_HANDLER: ``{"code": "OutOfScope", "message": "…", "detail": {…}}``.

    A value that the database cannot store is the caller's, not ours: 400 and 409. Anything else
    is a fault of the product and is not answered here.
    """
    set_rollback()
    if isinstance(exc, Http404):
        exc = errors.OutOfScope("没有找到，或不在您的范围内")
    elif isinstance(exc, DataError):
        exc = errors.BadValue("有一个值数据库存不下")
    elif isinstance(exc, IntegrityError):
        exc = errors.WrongState("与已有的数据冲突，没有保存")
    elif isinstance(exc, OperationalError | InterfaceError):
        exc = errors.Busy("服务正忙，请稍后再试。")
    if isinstance(exc, errors.Refusal):
        return _refused(exc)
    # Strangers are refused before the framework would count their calls.
    if isinstance(exc, exceptions.NotAuthenticated) and (
        wait := stranger_waits(context["request"])
    ):
        exc = exceptions.Throttled(wait)
    if isinstance(exc, exceptions.APIException):
        return _framework(exc)
    return None
