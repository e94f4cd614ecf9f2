"""The roof of a running server: the feeds beside Django in one process."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gridmap.settings")
_django = get_asgi_application()

from gridmap.feeds.app import PREFIX, feeds  # noqa: E402 -- needs Django set up
from gridmap.feeds.asked import Receive, Scope, Send  # noqa: E402


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Hand a request to its door."""
    if scope["type"] == "lifespan":
        await _live(receive, send)
    elif scope["type"] == "http" and scope["path"].startswith(PREFIX):
        await feeds(scope, receive, send)
    elif scope["type"] == "http":
        await _django(dict(scope), receive, send)
    else:  # a web socket: nothing here speaks that language
        await send({"type": "websocket.close", "code": 1000})


async def _live(receive: Receive, send: Send) -> None:
    """Open and close what the feeds hold, as the server begins and ends."""
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            await feeds.open()
            await send({"type": "lifespan.startup.complete"})
        else:
            await feeds.close()
            await send({"type": "lifespan.shutdown.complete"})
            return
