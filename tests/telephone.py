"""What the telephone of somebody with a second factor shows."""

import hmac
import struct
import time


def code_of(secret: bytes, steps: int = 0) -> str:
    """RFC 6238, worked out by hand: what the telephone shows, so many steps from now."""
    moment = int(time.time()) // 30 + steps
    digest = hmac.digest(secret, struct.pack(">Q", moment), "sha1")
    at = digest[-1] & 15
    number = struct.unpack(">I", digest[at : at + 4])[0] & 0x7FFFFFFF
    return f"{number % 10**6:06d}"
