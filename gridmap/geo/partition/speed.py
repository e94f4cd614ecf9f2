"""Compiles the inner loops when numba is there; without it they run as the Python they are.

What was compiled is kept in a folder named for the sources it was made from: numba by itself looks
only at the file of each function and would go on using old code of those it calls.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

try:
    numba: Any = import_module("numba")
except ImportError:
    numba = None

Function = TypeVar("Function", bound=Callable[..., Any])
INNER = ("speed", "graph", "kernel", "trees", "regions", "triples", "sweeps", "seed")
COMPILED = numba is not None and os.environ.get("NUMBA_DISABLE_JIT", "0") == "0"
Row = Any  # an array where compiled, else a list, which plain Python reads faster


def _shelf() -> str:
    """The folder for what is compiled from these sources: beside them, or else a temporary one."""
    here = Path(__file__).parent
    every = b"".join((here / f"{name}.py").read_bytes() for name in INNER)
    name = f"gridmap-{hashlib.sha256(every).hexdigest()[:16]}"
    writable = os.access(here, os.W_OK)
    return str((here / "__pycache__" if writable else Path(tempfile.gettempdir())) / name)


if COMPILED:
    numba.config.CACHE_DIR = _shelf()


def fast(function: Function) -> Function:
    """Compile a function, and keep what was compiled beside the source."""
    if not COMPILED:
        return function
    return cast(Function, numba.njit(cache=True, error_model="numpy")(function))


def row(values: NDArray[Any]) -> Row:
    """Return values as the inner loops read them fastest."""
    return np.ascontiguousarray(values) if COMPILED else values.tolist()


def back(values: Row) -> NDArray[Any]:
    """Return what the inner loops wrote as an array."""
    return np.asarray(values)


def _ranked(keys: Row, count: int) -> Any:
    return np.argsort(-keys[:count])


def _ranked_plain(keys: Row, count: int) -> Any:
    return sorted(range(count), key=lambda place: -keys[place])


ranked = fast(_ranked) if COMPILED else _ranked_plain
