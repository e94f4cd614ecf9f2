"""Processor time of other processes: it tells the same on a busy machine as on a quiet one."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path


def spent(pids: Iterable[int]) -> float:
    """Return the milliseconds of processor these processes have used; Linux tells, others 0."""
    total = 0
    for pid in pids:
        for thread in Path(f"/proc/{pid}/task").glob("*/schedstat"):
            total += int(thread.read_text(encoding="ascii").split()[0])
    return total / 1e6
