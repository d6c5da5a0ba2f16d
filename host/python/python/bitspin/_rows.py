"""Rows of numbers, checked once and packed for the engine."""

import numpy as np
from scipy.sparse import issparse
from sklearn.utils.validation import validate_data

from ._checks import in_c_order
from ._native import Rows

def checked(estimator, X, reset, **options):
    """X as an array or a CSR matrix of numbers, of its own dtype where that is possible, without a copy.

    NaN and infinity are not looked for here: packing finds them.
    """
    return validate_data(
        estimator, X, accept_sparse="csr", dtype="numeric", ensure_all_finite=False, reset=reset, **options
    )


def packed(X, clip, threads):
    """Rows for the engine of a checked X whose values are from 0 to 1; others are clipped or refused.

    Zeros and ones are packed to bits and multiples of 1/255 to bytes. Other numbers stay in X, which must not change while
    the result is used.
    """
    return _rows(X, bool(clip), threads)


def numbers(X):
    """Rows for functions of any finite numbers."""
    return _rows(X, None, 1)


def real_rows(X, clip, threads):
    """Rows for functions of a checked X whose values are from 0 to 1; others are clipped or refused."""
    if not _inside(X):
        packed(X, clip, threads)  # Raises for NaN and infinity, and without `clip` for all others.
        X = clipped(X)
    return numbers(X)


def _rows(X, clip, threads):
    if not issparse(X):
        return Rows.dense(_dense(X), clip, threads)
    X = X.tocsr()
    if not X.has_canonical_format:
        X = X.copy()
        X.sum_duplicates()
    indices, indptr = X.indices, X.indptr
    if indices.dtype != indptr.dtype:
        indices, indptr = indices.astype(np.int64), indptr.astype(np.int64)
    parts = _floats(X.data), indices, indptr
    return Rows.sparse(tuple(in_c_order(part) for part in parts), X.shape[1], clip, threads)


def _dense(X):
    """X of a type and of strides that the engine reads, without a copy where that is possible."""
    X = _of_read_type(X)
    # The engine counts strides in items; those of a field of packed records may be no multiples of the item size.
    whole = X.flags.aligned and all(stride % X.itemsize == 0 for stride in X.strides)
    return X if whole else X.copy(order="C")


def _of_read_type(X):
    dtype = X.dtype
    if dtype == bool:
        return X.view(np.uint8)
    if dtype.isnative and dtype in (np.uint8, np.int32, np.int64):
        return X
    if dtype.kind in "iu" and dtype != np.uint64:
        return X.astype(np.int64)
    return _floats(X)


def _floats(values):
    """Numbers as float32 if that holds them all, else as float64."""
    small = values.dtype == bool or values.dtype in (np.float16, np.float32, np.int8, np.uint8, np.int16, np.uint16)
    return np.asarray(values, np.float32 if small else np.float64)


def float_dtype(X):
    """The dtype of results for X: float32 for float32, float64 for all else."""
    return np.float32 if X.dtype == np.float32 else np.float64


def clipped(X):
    """X with its values clipped to [0, 1], in a copy if any is outside."""
    if _inside(X):
        return X
    if not issparse(X):
        return np.clip(X, 0, 1)
    X = X.copy()
    np.clip(X.data, 0, 1, out=X.data)
    return X


def _inside(X):
    """Whether all values are from 0 to 1."""
    values = X.data if issparse(X) else X
    return values.size == 0 or bool(values.min() >= 0 and values.max() <= 1)
