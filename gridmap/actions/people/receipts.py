"""A wish that comes twice is done once: its receipt is looked up before anything is written."""

from __future__ import annotations

import hashlib
import json
from uuid import UUID

from django.db import connection

from gridmap.errors import WrongState
from gridmap.layers.handovers import Receipt
from gridmap.layers.people import ChiefTerm
from gridmap.layers.scope import Scope

RECEIPT_LOCK = 74_217


class Desk:
    """Receives one wish: ``before`` is what came of it already, ``hand_out`` writes its receipt."""

    def __init__(self, by: Scope, verb: str, client_id: UUID | None, *wish: object) -> None:
        told = json.dumps([verb, by.user_id, *wish], default=str, ensure_ascii=False)
        self._wish = hashlib.sha256(told.encode()).hexdigest()
        self._verb, self._client_id = verb, client_id

    def before(self) -> Receipt | None:
        """Return the receipt of this very wish, if it was done before.

        Raises:
            WrongState: the client_id was used for another wish.
        """
        if self._client_id is None:
            return None
        with connection.cursor() as cursor:  # the second of two at once waits here for the first
            cursor.execute(
                "SELECT pg_advisory_xact_lock(%s, hashtext(%s))",
                [RECEIPT_LOCK, str(self._client_id)],
            )
        receipts = Receipt.objects.select_related("term__person")
        receipt = receipts.filter(client_id=self._client_id).first()
        if receipt is not None and receipt.wish != self._wish:
            raise WrongState("这个 client_id 已用于另一件事", reason="ClientIdReused")
        return receipt

    def hand_out(self, term: ChiefTerm) -> None:
        """Write the receipt, if the sender gave the wish an id."""
        if self._client_id is not None:
            kept = term if term.pk is not None else None
            Receipt.objects.create(
                client_id=self._client_id, verb=self._verb, wish=self._wish, term=kept
            )
