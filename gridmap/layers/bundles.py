"""A fabric in one piece: arrays a browser maps straight into memory, and we into numpy.

The bytes: ``GMF1``, the length of the header (uint32), the header (JSON), then the arrays one after
the other, each beginning at a multiple of 8 from the start, little endian. The header names every
array with ``type``, ``length`` and ``offset`` (from its own end), and holds the ``uids``.
"""

from __future__ import annotations

import gzip
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from gridmap.layers.fabrics import Fabric

MAGIC = b"GMF1"
START = len(MAGIC) + 4
TYPES = {"int32": "<i4", "uint32": "<u4", "uint8": "u1", "float32": "<f4", "float64": "<f8"}
# A unit: what it counts for and where it is. An edge: what separates which two. CSR: the
# neighbours of unit i are neighbour[start[i]:start[i + 1]], over the edges edge[start[i]:…].
ARRAYS = {
    "households": "int32", "residents": "int32", "incidents": "int32", "building": "int32",
    "block": "uint32", "kind": "uint8", "area": "float32", "perimeter": "float32", "lng": "float64",
    "lat": "float64", "edge_a": "uint32", "edge_b": "uint32", "edge_length": "float32",
    "edge_level": "uint8", "edge_crossable": "uint8", "start": "uint32", "neighbour": "uint32",
    "edge": "uint32",
}  # fmt: skip


@dataclass(frozen=True)
class Bundle:
    """A fabric in memory; nobody changes it.

    Attributes:
        uids: lasting names of the units, in their order.
        arrays: by the names of `ARRAYS`.
    """

    uids: tuple[str, ...]
    arrays: Mapping[str, NDArray[Any]]

    @cached_property
    def places(self) -> dict[str, int]:
        """Where in the arrays the unit of this name stands."""
        return {uid: place for place, uid in enumerate(self.uids)}

    def __len__(self) -> int:
        return len(self.uids)


def adjacency(size: int, a: NDArray[Any], b: NDArray[Any]) -> dict[str, NDArray[Any]]:
    """Return ``start``, ``neighbour`` and ``edge`` of edges given by their two units."""
    source, target = np.concatenate([a, b]), np.concatenate([b, a])
    edge = np.tile(np.arange(len(a), dtype=np.uint32), 2)
    order = np.lexsort((target, source))
    start = np.zeros(size + 1, np.uint32)
    start[1:] = np.cumsum(np.bincount(source, minlength=size))
    return {"start": start, "neighbour": target[order], "edge": edge[order]}


def packed(bundle: Bundle) -> bytes:
    """Return the bytes of a bundle, compressed."""
    rows = {name: bundle.arrays[name].astype(TYPES[kind]) for name, kind in ARRAYS.items()}
    header: dict[str, Any] = {"size": len(bundle), "uids": bundle.uids}
    described = {
        name: {"type": ARRAYS[name], "offset": 0, "length": len(row)} for name, row in rows.items()
    }
    # Offsets are counted from the end of the header, which is padded, so that they may be written
    # into it without changing its length.
    offset = 0
    for name, row in rows.items():
        described[name]["offset"] = offset
        offset += -(-row.nbytes // 8) * 8
    text = orjson.dumps(header | {"arrays": described})
    text += b" " * (-(START + len(text)) % 8)
    parts = [MAGIC, struct.pack("<I", len(text)), text]
    for row in rows.values():
        parts.append(row.tobytes())
        parts.append(b"\0" * (-row.nbytes % 8))
    return gzip.compress(b"".join(parts), compresslevel=6, mtime=0)


def unpacked(data: bytes) -> Bundle:
    """Return the bundle in these bytes."""
    raw = gzip.decompress(data)
    (length,) = struct.unpack_from("<I", raw, len(MAGIC))
    header = orjson.loads(raw[START : START + length])
    arrays = {
        name: np.frombuffer(raw, TYPES[row["type"]], row["length"], START + length + row["offset"])
        for name, row in header["arrays"].items()
    }
    return Bundle(tuple(header["uids"]), arrays)


@lru_cache(maxsize=32)
def bundle_of(fabric_id: int) -> Bundle:
    """Return the arrays of a fabric, which never change, read once a process."""
    data = Fabric.objects.filter(pk=fabric_id).values_list("bundle", flat=True).get()
    return unpacked(bytes(data))
