"""The pages' files under ASGI: read whole and sent at once."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from whitenoise.middleware import WhiteNoiseMiddleware


class StaticFiles(WhiteNoiseMiddleware):  # type: ignore[misc]
    """WhiteNoise whose answers an asynchronous server need not read piece by piece in a thread.

    Its own stream of a file blocks; Django reads it into memory for ASGI anyway, and warns each
    time. The largest of our files has 0.3 MB packed.
    """

    def immutable_file_test(self, path: str, url: str) -> bool:
        """A library lies below its version: its files may be kept for ever as named."""
        return "/vendor/" in url or bool(super().immutable_file_test(path, url))

    @staticmethod
    def serve(static_file: Any, request: HttpRequest) -> HttpResponse:
        """Answer with the file, or 304, or the part that was asked for; headers as WhiteNoise's."""
        found = static_file.get_response(request.method, request.META)
        body = b""
        if found.file is not None:
            with found.file as file:
                body = file.read()
        response = HttpResponse(body, status=int(found.status))
        del response["content-type"]
        for name, value in found.headers:
            response[name] = value
        return response
