"""How a typed text is looked for in the columns named ``search``: "name pinyin initials".

``LIKE '%…%'`` uses their trigram index. Trigram similarity is useless for short Chinese
(docs/decisions), so hits are sorted by how they begin, never by likeness.
"""

import re
from typing import Any

from django.db.models import Case, Func, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Length, StrIndex

SHOWN = 5
MOST_WORDS = 6
TRIGRAM = 3  # signs; see among_many
MOST = 1_000  # hits of short words that are looked at: the rest of a flood is not counted
# A change between letters, digits and everything else begins a new word: 榕树巷24号 is three.
WORDS = re.compile(r"[a-z]+|[0-9]+|[^\sa-z0-9]+")


def words_of(text: str) -> list[str]:
    """Return the words of a text, small letters, at most `MOST_WORDS`."""
    return WORDS.findall(text.lower())[:MOST_WORDS]


def holding(words: list[str], *columns: str) -> Q:
    """Rows in which every word stands in one of the columns."""
    condition = Q()
    for word in words:
        anywhere = Q()
        for column in columns:
            anywhere |= Q(**{f"{column}__contains": word})
        condition &= anywhere
    return condition


def _some(rows: QuerySet[Any], held: QuerySet[Any]) -> QuerySet[Any]:
    return rows.filter(pk__in=held.order_by().values("pk")[:MOST])


def _begun(rows: QuerySet[Any], words: list[str]) -> QuerySet[Any]:
    """Rows in which every word begins a word, as many as are looked at."""
    condition = Q()
    for word in words:
        condition &= Q(search__startswith=word) | Q(search__contains=f" {word}")
    return _some(rows, rows.filter(condition))


def _anywhere(rows: QuerySet[Any], words: list[str]) -> QuerySet[Any]:
    """Rows that hold every word, as many as are looked at.

    Not asked by LIKE: for less than three signs it would read the index of trigrams whole.
    """
    held = rows
    for number, word in enumerate(words):
        place = {f"place_{number}": StrIndex("search", Value(word))}
        held = held.alias(**place).filter(**{f"place_{number}__gt": 0})
    return _some(rows, held)


def among_many(
    rows: QuerySet[Any], words: list[str], few: QuerySet[Any] | None = None
) -> QuerySet[Any]:
    """Rows of a large table that hold the words.

    Its index knows three signs in a row. Words that are all shorter are looked for where a word
    begins, which it knows too; only if none begins so, anywhere, which reads the table. Of a
    table that is too large for it, or for counting every hit, the ``few`` are given.
    """
    if any(len(word) >= TRIGRAM for word in words):
        held = rows.filter(holding(words, "search"))
        return held if few is None else _some(rows, held)
    begun = _begun(rows, words)
    return begun if begun.exists() else _anywhere(rows if few is None else few, words)


def best(
    rows: QuerySet[Any], text: str, *columns: str, letters: str | None = "search"
) -> list[Any]:
    """Return the first hits, exact ones before those that begin so; each knows the ``total``.

    Args:
        rows: all that match.
        text: what is looked for.
        columns: those that may equal the text or begin with it.
        letters: the column with pinyin and initials, if there is one.
    """
    ranks = [When(**{column: text}, then=0) for column in columns]
    ranks += [When(**{f"{column}__startswith": text}, then=1) for column in columns]
    if letters is not None:
        ranks.append(When(**{f"{letters}__contains": f" {text}"}, then=2))
    # 榕树巷 2 号 before 榕树巷 14 号
    shortest_first = [part for column in columns for part in (Length(column), column)]
    return list(
        rows.annotate(
            rank=Case(*ranks, default=3, output_field=IntegerField()),
            total=Func(template="count(*) OVER ()", output_field=IntegerField()),
        ).order_by("rank", *shortest_first, "pk")[:SHOWN]
    )
