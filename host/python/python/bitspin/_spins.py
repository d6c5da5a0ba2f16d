"""Checks of states of binary units."""

import numpy as np

#: Numbers of a unit that is off and of one that is on.
KINDS = {"spins": (-1, 1), "bits": (0, 1)}


def check_spins(states, units=None, name="states"):
    """Spins as int8 [rows, units] in C order, and whether one state was given."""
    spins, kind, single = check_states(states, units, name)
    if kind == "bits":
        raise ValueError(f"{name}: expected spins, -1 or 1, found 0; bits x become spins by 2 * x - 1")
    return spins, single


def check_states(states, units=None, name="states"):
    """States of spins (-1 and 1) or bits (0 and 1) as spins: int8 [rows, units] in C order.

    Returns them, their kind (None where all numbers are 1, which both kinds have), and whether one state was given.
    """
    array = _to_array(states, name)
    single = array.ndim == 1
    if single:
        array = array[np.newaxis]
    if array.ndim != 2:
        raise ValueError(f"{name}: expected one state or rows of states, found an array of shape {array.shape}")
    rows, found = array.shape
    if units is not None and found != units:
        raise ValueError(f"{name}: expected {units} units per state, found {found}")
    if rows == 0 or found == 0:
        raise ValueError(f"{name}: expected at least one state of at least one unit, found shape {array.shape}")
    one = array == 1
    low = array == -1
    zero = array == 0
    known = one | low | zero
    if not known.all():
        row, unit = np.argwhere(~known)[0]
        wrong = "NaN" if np.isnan(array[row, unit]) else array[row, unit]
        raise ValueError(f"{name}: expected spins (-1 and 1) or bits (0 and 1), found {wrong} at [{row}, {unit}]")
    has_low, has_zero = low.any(), zero.any()
    if has_low and has_zero:
        raise ValueError(f"{name}: expected spins (-1 and 1) or bits (0 and 1), found both -1 and 0")
    if has_low:
        kind = "spins"
    elif has_zero or array.dtype.kind == "b":
        kind = "bits"
    else:
        kind = None
    spins = one.astype(np.int8, order="C")
    spins *= 2
    spins -= 1
    return spins, kind, single


def as_kind(spins, kind):
    """Spins as numbers of a kind, int8."""
    return (spins > 0).astype(np.int8) if kind == "bits" else spins


def _to_array(states, name):
    if hasattr(states, "toarray"):
        states = states.toarray()
    try:
        array = np.asarray(states)
        if array.dtype.kind == "O":
            array = array.astype(np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"{name}: expected rows of numbers of one length, found {_short(states)}") from None
    if array.dtype.kind not in "biuf":
        raise ValueError(f"{name}: expected numbers, found dtype {array.dtype}")
    return array


def _short(value):
    text = repr(value).replace("\n", " ")
    return text if len(text) <= 60 else f"{text[:57]}..."
