"""
The nearest rows to a direction, with the bits that segue gives them.

segue sums an inner product in four lanes of f32. NumPy's own product is several times faster and sums in another
order. So it only chooses: whoever could be among the best k by more than both roundings together is scored again, lane
by lane.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from ._lanes import inner_products, unit_rows

F32 = NDArray[np.float32]


class Ranked(NamedTuple):
    """The best first, at equal scores the lower row."""

    rows: NDArray[np.int64]
    scores: F32


class Search(Protocol):
    """Among the ``num_rows`` rows of one kind that have vectors."""

    num_rows: int

    def direction_of(self, row: int) -> F32:
        """Of length 1; NaN throughout where the row has none."""

    def best(self, direction: F32, k: int, allowed: NDArray[np.bool_]) -> Ranked:
        """The best k of the rows that are allowed; a row without direction is nobody's neighbour."""


class CosineSearch:
    """Compares with every row. Keeps the unit vectors in memory: f32 [rows × dim]."""

    def __init__(self, vectors: F32) -> None:
        self.num_rows, self._dim = vectors.shape
        self._units = unit_rows(vectors)

    def direction_of(self, row: int) -> F32:
        direction: F32 = self._units[row]
        return direction

    def best(self, direction: F32, k: int, allowed: NDArray[np.bool_]) -> Ranked:
        # The product of two unit vectors in f32, summed in any order, is off by less than this (dim · 2⁻²⁴ and the
        # roundings of the vectors themselves); two of them differ by less than twice as much.
        slack = 2 * (self._dim + 8) * 2.0**-23
        with np.errstate(invalid="ignore"):
            scores = self._units @ direction
        rows = _reaching(scores, k, allowed, slack)
        return _ranked(rows, inner_products(self._units[rows], direction), k)


class DenseRows:
    """An item × item matrix, row by row."""

    def __init__(self, matrix: F32) -> None:
        self.num_rows = matrix.shape[0]
        self._matrix = matrix

    def add(self, row: int, weight: np.float32, scores: F32) -> None:
        scores += weight * self._matrix[row]


class SparseRows:
    """The same in compressed sparse rows: only what is not zero."""

    def __init__(self, indptr: NDArray[np.uint32], idx: NDArray[np.uint32], weight: F32) -> None:
        self.num_rows = len(indptr) - 1
        self._indptr, self._idx, self._weight = indptr, idx, weight

    def add(self, row: int, weight: np.float32, scores: F32) -> None:
        entries = slice(int(self._indptr[row]), int(self._indptr[row + 1]))
        scores[self._idx[entries]] += weight * self._weight[entries]


class MatrixSearch:
    """
    By the rows of an item × item matrix: an item's direction is 1 at its own row, so that its neighbours are the
    largest numbers of its row, and those of several the largest of their rows' sum. Only those rows are read.
    """

    def __init__(self, rows: DenseRows | SparseRows) -> None:
        self.num_rows = rows.num_rows
        self._rows = rows

    def direction_of(self, row: int) -> F32:
        direction = np.zeros(self.num_rows, np.float32)
        self._rows.add(row, np.float32(1), direction)
        is_like_something = direction.any()
        direction[:] = 0
        if is_like_something:
            direction[row] = 1
        else:
            direction[:] = np.nan
        return direction

    def best(self, direction: F32, k: int, allowed: NDArray[np.bool_]) -> Ranked:
        scores = np.zeros(self.num_rows, np.float32)
        for row in np.flatnonzero(direction):
            self._rows.add(int(row), direction[row], scores)
        if isinstance(self._rows, SparseRows):
            allowed = allowed & (scores > 0)
        rows = _reaching(scores, k, allowed, 0)
        return _ranked(rows, scores[rows], k)


def _reaching(scores: F32, k: int, allowed: NDArray[np.bool_], slack: float) -> NDArray[np.int64]:
    """The allowed rows whose score is at most ``slack`` below the k-th best."""
    rows = np.flatnonzero(allowed & ~np.isnan(scores))
    if len(rows) <= k:
        return rows
    kth = np.partition(scores[rows], len(rows) - k)[len(rows) - k]
    reaching: NDArray[np.int64] = rows[scores[rows] >= kth - np.float32(slack)]
    return reaching


def _ranked(rows: NDArray[np.int64], scores: F32, k: int) -> Ranked:
    # Rows ascend, and the sort is stable.
    order = np.argsort(-scores, kind="stable")[:k]
    return Ranked(rows[order], scores[order])


def weighted_direction(units: Sequence[F32], weights: Sequence[float]) -> F32 | None:
    """
    The direction of Σ weight · unit, or None where nothing is left of it. A single unit with a weight above 0 has its
    own direction, to the bit.
    """
    if len(units) == 1 and weights[0] > 0:
        return units[0]
    total = np.zeros(len(units[0]), np.float64)
    for unit, weight in zip(units, weights):
        total += weight * unit.astype(np.float64)
    length = length_of(total)
    # Less than what rounding the unit vectors to f32 leaves of equal ones.
    if length < 1e-6 * sum(abs(weight) for weight in weights):
        return None
    return (total / length).astype(np.float32)


def length_of(vector: NDArray[Any]) -> float:
    """In f64, summed in the order of the numbers."""
    squares = vector.astype(np.float64) ** 2
    return float(np.sqrt(np.cumsum(squares)[-1])) if len(squares) else 0.0
