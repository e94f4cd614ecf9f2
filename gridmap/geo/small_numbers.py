"""Which figures of a hierarchy must be hidden so that no small one can be worked out. Pure.

A figure is *small* when it is at least 1 and less than ``least``; a nought is not small: it singles
out nobody. Figures add up: what stands at a node is the sum of what stands at its children. Hiding
only the small ones is not enough, for a reader subtracts the rest from the sum above; so further
ones are hidden, the smallest that suffice, until every sum that is shown hides, below it, enough.

**What is promised.** Let somebody know every figure that is shown, that the others are whole
numbers of at least 1, and how sums are made. Then of every hidden figure of a leaf both 1 and
``least`` remain possible, and of every other hidden figure at least ``least`` different values.

**Why.** Call the hidden leaves that reach a shown node ``p`` through hidden nodes only the
*component* of ``p``: ``n`` leaves of together ``m``. A hidden node in between is bound by nothing
but its own sum, so it can be replaced by its children; what is left of all sums is exactly one
condition for each component: its leaves add up to ``m`` (which the reader does work out). Leaves
under no shown node are bound by nothing. `_Tree.safe` demands of every shown node that hides
anything:

1. at least two of its children are hidden, and each of them has a hidden leaf below it
   (`_Tree.hide` sees to that);
2. ``m >= least + n - 1``.

One leaf of the component can take any value from 1 to ``m - n + 1``, which is at least ``least``
by (2): give the others 1 each, and one of them the rest (by (1) there is another). A hidden node
in between has ``k`` of the leaves, less than ``n`` by (1); their sum can take every value from
``k`` to ``m - (n - k)``: that are ``m - n + 1 >= least`` values. Components share no leaf, so what
is true of one is true of all together.

One pass from the deepest nodes to the root is enough: hiding a node changes the component of no
shown node but the nearest one above it, which comes later.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Mapping
from typing import Generic, TypeVar

Node = TypeVar("Node", bound=Hashable)


def hidden(
    parents: Mapping[Node, Node | None], values: Mapping[Node, int], least: int
) -> set[Node]:
    """Return the nodes whose figures must not be shown.

    Args:
        parents: of every node the one above it; None for a root. Equal choices are decided by the
            order of this mapping, so the same figures always hide the same nodes.
        values: of the leaves, none below 0; a leaf without one counts 0.
        least: the smallest figure that may be shown besides 0.
    """
    tree = _Tree(parents, values, least)
    for node in tree.upwards:
        tree.protect(node)
    return tree.hidden


def sums(parents: Mapping[Node, Node | None], values: Mapping[Node, int]) -> dict[Node, int]:
    """Return the figure of every node."""
    return _Tree(parents, values, 0).figures


class _Tree(Generic[Node]):
    """A hierarchy while its figures are being hidden.

    Attributes:
        hidden: nodes hidden so far; the small ones from the start.
        upwards: nodes with children, the deepest first.
        figures: of every node.
    """

    def __init__(
        self, parents: Mapping[Node, Node | None], values: Mapping[Node, int], least: int
    ) -> None:
        self._parents = parents
        self._least = least
        self._place = {node: place for place, node in enumerate(parents)}
        self._children: defaultdict[Node, list[Node]] = defaultdict(list)
        for node, parent in parents.items():
            if parent is not None:
                self._children[parent].append(node)
        depths = {node: self._depth(node) for node in parents}
        self.upwards = sorted(self._children, key=lambda node: -depths[node])
        self.figures = {node: values.get(node, 0) for node in parents}
        for node in self.upwards:
            self.figures[node] = sum(self.figures[child] for child in self._children[node])
        self.hidden = {node for node, figure in self.figures.items() if 0 < figure < least}

    def _depth(self, node: Node) -> int:
        depth, parent = 0, self._parents[node]
        while parent is not None:
            depth, parent = depth + 1, self._parents[parent]
        return depth

    def _below(self, node: Node) -> tuple[int, int]:
        """Return number and sum of the hidden leaves that a hidden node brings into a component."""
        if not self._children[node]:
            return 1, self.figures[node]
        counts = [self._below(child) for child in self._children[node] if child in self.hidden]
        return sum(n for n, _ in counts), sum(m for _, m in counts)

    def safe(self, node: Node) -> bool:
        """Return whether what a shown node hides below it cannot be worked out."""
        branches = [child for child in self._children[node] if child in self.hidden]
        counts = [self._below(child) for child in branches]
        leaves, mass = sum(n for n, _ in counts), sum(m for _, m in counts)
        return not branches or (len(branches) > 1 and mass >= self._least + leaves - 1)

    def protect(self, node: Node) -> None:
        """Hide more children of a shown node until it is safe; where there are none, the node."""
        while node not in self.hidden and not self.safe(node):
            more = [c for c in self._children[node] if c not in self.hidden and self.figures[c]]
            if not more:
                self.hidden.add(node)
                return
            more.sort(key=lambda child: (self.figures[child], self._place[child]))
            self.hide(next((c for c in more if self._suffices(node, c)), more[-1]))

    def _suffices(self, node: Node, child: Node) -> bool:
        before = set(self.hidden)
        self.hide(child)
        enough = self.safe(node)
        self.hidden = before
        return enough

    def hide(self, node: Node) -> None:
        """Hide a node and, where nothing below it is hidden, its smallest part."""
        self.hidden.add(node)
        parts = [child for child in self._children[node] if self.figures[child]]
        if parts and not any(part in self.hidden for part in parts):
            self.hide(min(parts, key=lambda part: (self.figures[part], self._place[part])))
