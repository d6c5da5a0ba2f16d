"""Checks of the arguments that all classes share."""

import numbers
import os

import numpy as np

from ._native import cores

#: Seeds of the engine are integers from 0 to this.
MOST_SEED = 2**64 - 1


def check_seed(random_state, name="random_state"):
    """The engine's seed: an int as it stands, one drawn from a NumPy generator, or a fresh one for None."""
    if random_state is None:
        return int(np.random.SeedSequence().generate_state(1, np.uint64)[0])
    if isinstance(random_state, numbers.Integral) and not isinstance(random_state, bool):
        if 0 <= random_state <= MOST_SEED:
            return int(random_state)
        raise ValueError(f"{name}: expected an int from 0 to {MOST_SEED}, found {random_state}")
    if isinstance(random_state, np.random.RandomState) or random_state is np.random:
        return int(random_state.randint(2**31 - 1))
    if isinstance(random_state, np.random.Generator):
        return int(random_state.integers(2**63))
    raise ValueError(
        f"{name}: expected None, an int, a numpy.random.RandomState or a numpy.random.Generator, found {random_state!r}"
    )


def in_c_order(values, dtype=None):
    """Values as an aligned array in C order, without a copy where that is possible. `np.ascontiguousarray` does not align."""
    return np.require(values, dtype, "CAE")


def check_path(path):
    """The path of a file, as a str; a missing file is a FileNotFoundError, as everywhere in Python."""
    os.stat(path)
    return os.fspath(path)


def check_threads(threads, name="threads"):
    """The number of threads: all cores for None."""
    if threads is None:
        return cores()
    return check_count(threads, name, most=256)


#: Weights times rows of a minibatch from which several threads learn faster than one.
_SHARED_WORK = 2**21


def training_threads(threads, weights, batch):
    """The number of threads to learn with: for None all cores, or one if minibatches are too small to share."""
    most = check_threads(threads)
    return 1 if threads is None and weights * batch < _SHARED_WORK else most


def check_count(value, name, least=1, most=None):
    """An int in a range."""
    expected = f"an int of at least {least}" if most is None else f"an int from {least} to {most}"
    if not isinstance(value, numbers.Integral) or isinstance(value, bool):
        raise ValueError(f"{name}: expected {expected}, found {value!r}")
    if value < least or (most is not None and value > most):
        raise ValueError(f"{name}: expected {expected}, found {value}")
    return int(value)


def check_number(value, name):
    """A finite real number."""
    if not isinstance(value, numbers.Real) or isinstance(value, (bool, np.bool_)):
        raise ValueError(f"{name}: expected a number, found {value!r}")
    if not np.isfinite(value):
        raise ValueError(f"{name}: expected a finite number, found {value}")
    return float(value)


def check_choice(value, name, choices):
    """One of some strings."""
    if isinstance(value, str) and value in choices:
        return value
    expected = " or ".join(repr(choice) for choice in choices)
    raise ValueError(f"{name}: expected {expected}, found {value!r}")


def check_flag(value, name):
    """True or False."""
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    raise ValueError(f"{name}: expected True or False, found {value!r}")
