"""The arithmetic of segue's kernels ``unitRows`` and ``dot`` (src/core/kernels), in NumPy: the same bits."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]

_ROWS_AT_ONCE = 1 << 14


def unit_rows(vectors: F32) -> F32:
    """
    Every row with length 1, f32 [rows × dim]; NaN throughout where a row is zero. Norms are taken in f64, the sum of
    even and odd dims apart.
    """
    units = np.empty(vectors.shape, np.float32)
    with np.errstate(all="ignore"):
        for start in range(0, len(vectors), _ROWS_AT_ONCE):
            rows = vectors[start : start + _ROWS_AT_ONCE].astype(np.float64)
            squares = rows * rows
            norms = np.sqrt(_sum_in_order(squares[:, 0::2]) + _sum_in_order(squares[:, 1::2]))
            units[start : start + _ROWS_AT_ONCE] = rows * (1 / norms)[:, None]
    return units


def inner_products(rows: F32, vector: F32) -> F32:
    """Of each of ``rows`` [n × dim] with ``vector`` [dim]: products and sums in f32, dim f in lane f mod 4."""
    lanes = np.zeros((len(rows), 4), np.float32)
    products = rows * vector
    for start in range(0, products.shape[1], 4):
        part = products[:, start : start + 4]
        lanes[:, : part.shape[1]] += part
    sums: F32 = (lanes[:, 0] + lanes[:, 2]) + (lanes[:, 1] + lanes[:, 3])
    return sums


def _sum_in_order(columns: NDArray[np.float64]) -> Any:
    """Of each row. NumPy's own sum adds in pairs."""
    total = np.zeros(len(columns), np.float64)
    for column in columns.T:
        total += column
    return total
