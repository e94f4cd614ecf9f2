"""How gridmap refuses.

A refusal is named for its reason and knows no HTTP; each door maps reasons to its own answers
in one table. The message is a Chinese msgid with ``%(name)s`` fields: the door translates it into
the caller's language and fills the fields from ``detail``.
"""


class Refusal(Exception):
    """A wish that was understood and is not granted; nothing was changed.

    Args:
        message: msgid in Chinese, with ``%(name)s`` fields.
        detail: values of the fields, also given to programs as they are (JSON types only).
    """

    def __init__(self, message: str, **detail: object) -> None:
        super().__init__(message)
        self.message = message
        self.detail = detail

    def __str__(self) -> str:
        return self.message % self.detail if self.detail else self.message


class OutOfScope(Refusal):
    """Absent or forbidden: the caller cannot tell which."""


class NotYours(Refusal):
    """The caller can see the thing, but no posting of the caller's allows this with it."""


class NoSuchPlace(Refusal):
    """The place lies outside everything we govern."""


class BadGeometry(Refusal):
    """A shape that is no shape; ``detail`` says what is wrong and, where known, where."""


class BadValue(Refusal):
    """A value that cannot be used where it stands."""


class WeakPassword(BadValue):
    """A password that breaks a rule; ``detail.reasons`` are sentences in the caller's language."""


class BadFile(Refusal):
    """A file that cannot be read as what it claims to be."""


class UntrustedFile(Refusal):
    """This machine cannot read files safely and nobody vouched for this one."""


class WrongState(Refusal):
    """The matter is not in a state from which this step leads."""


class EditionGone(Refusal):
    """A map edition that was replaced; ``detail`` names the one in force."""


class NotSignedIn(Refusal):
    """No ticket, a forged one, or one that has expired."""


class NotAllowed(Refusal):
    """The address is right, but it does not take this kind of request."""


class Busy(Refusal):
    """The database cannot be reached, or too many are served already: worth trying again soon."""
