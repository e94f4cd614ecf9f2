"""Public codes: what stands on a sign, in its QR code, and is typed by hand.

A cell has its official code of 15 digits. Buildings and lanes of every city share one form: a
letter for the kind, the row's number in base 32, and a check sign, for instance ``B0DE0D``
(building) or ``L00ED4`` (lane). The alphabet is Crockford's, without I, L, O, U; the check is
Luhn's for 32 signs over the letter of the kind too, so that one wrong sign, or a B read as an L,
is noticed.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

Kind = Literal["building", "lane", "cell"]
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
BASE = len(ALPHABET)
LETTERS: dict[Kind, str] = {"building": "B", "lane": "L"}
WEIGHTS = {"B": 11, "L": 20}  # of the letters in the check
SHORTEST = 4  # signs of the number, zeros in front
LONGEST_ID = 2**63 - 1
ALIKE = str.maketrans("OIL", "011")
CELL = re.compile(r"\d{15}", re.ASCII)
THING = re.compile(rf"[BL][{ALPHABET}]{{{SHORTEST + 1},15}}")


class Named(NamedTuple):
    """What a public code names: an id of a building or lane, or the official code of a cell."""

    kind: Kind
    id: int = 0
    cell: str = ""


def public_code(kind: Kind, ident: int) -> str:
    """Return the code of a building or a lane."""
    digits = ""
    left = ident
    while left:
        left, digit = divmod(left, BASE)
        digits = ALPHABET[digit] + digits
    body = digits.rjust(SHORTEST, "0")
    return LETTERS[kind] + body + _check(LETTERS[kind], body)


def read(text: str) -> Named | None:
    """Return what a code names, however it was typed; None when it is no code."""
    plain = re.sub(r"[\s-]", "", text).upper()
    if CELL.fullmatch(plain):
        return Named("cell", cell=plain)
    letter, rest = plain[:1], plain[1:].translate(ALIKE)
    if not THING.fullmatch(letter + rest) or _check(letter, rest[:-1]) != rest[-1]:
        return None
    ident = 0
    for sign in rest[:-1]:
        ident = ident * BASE + ALPHABET.index(sign)
    kind: Kind = "building" if letter == LETTERS["building"] else "lane"
    return Named(kind, id=ident) if 0 < ident <= LONGEST_ID else None


def _check(letter: str, body: str) -> str:
    total = WEIGHTS[letter]
    for place, sign in enumerate(reversed(body)):
        value = ALPHABET.index(sign) * (2 if place % 2 == 0 else 1)
        total += value // BASE + value % BASE
    return ALPHABET[-total % BASE]
