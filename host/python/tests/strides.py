"""Arrays whose strides are unusual."""

import numpy as np


def field_of_packed_records(values):
    """Values with strides that are no multiples of their item size, and data that are not aligned."""
    records = np.zeros(len(values), [("tag", "u1"), ("x", values.dtype, values.shape[1:])])
    records["x"] = values
    return records["x"]


def misaligned(values):
    """A contiguous copy at an odd address."""
    return np.frombuffer(b"?" + values.tobytes(), np.uint8)[1:].view(values.dtype).reshape(values.shape)


def strided_otherwise(X):
    """A matrix as fields of records, at an odd address, with a gap per row, and with negative strides."""
    wide = np.zeros((len(X), X.shape[1] + 1), X.dtype)
    wide[:, 1:] = X
    return [field_of_packed_records(X), misaligned(X), wide[:, 1:], X[::-1].copy()[::-1], X[:, ::-1].copy()[:, ::-1]]
