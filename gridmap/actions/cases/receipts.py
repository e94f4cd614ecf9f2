"""A deed that comes twice is done once: its receipt is looked up before anything is written."""

from __future__ import annotations

import hashlib
import json
from uuid import UUID

from django.db import connection

from gridmap.errors import WrongState
from gridmap.layers.cases import CaseReceipt
from gridmap.layers.incidents import Incident
from gridmap.layers.scope import Scope

RECEIPT_LOCK = 74_218


class Desk:
    """Receives one deed: ``before`` is its receipt if it was done, ``hand_out`` writes one."""

    def __init__(self, by: Scope, verb: str, client_id: UUID | None, *wish: object) -> None:
        told = json.dumps([verb, by.user_id, *wish], default=str, ensure_ascii=False)
        self._wish = hashlib.sha256(told.encode()).hexdigest()
        self._verb, self._client_id = verb, client_id

    def before(self) -> CaseReceipt | None:
        """Return the receipt of this very deed, if it was done before.

        Raises:
            WrongState: the client_id was used for something else.
        """
        if self._client_id is None:
            return None
        with connection.cursor() as cursor:  # the second of two at once waits here for the first
            cursor.execute(
                "SELECT pg_advisory_xact_lock(%s, hashtext(%s))",
                [RECEIPT_LOCK, str(self._client_id)],
            )
        receipt = CaseReceipt.objects.filter(client_id=self._client_id).first()
        if receipt is not None and receipt.wish != self._wish:
            raise WrongState("这个 client_id 已用于另一件事", reason="ClientIdReused")
        return receipt

    def hand_out(self, incident: Incident) -> None:
        """Write the receipt, if the sender gave the deed an id."""
        if self._client_id is not None:
            CaseReceipt.objects.create(
                client_id=self._client_id, verb=self._verb, wish=self._wish, incident=incident
            )
