"""Results of recall from Hopfield memories."""

from dataclasses import dataclass
from typing import Optional

import numpy as np


@dataclass(frozen=True, eq=False)
class Outcomes:
    """What states are, seen from the stored patterns.

    A state counts as a pattern, an inverse or a mixture if at most one unit in 20 differs from it.

    Attributes
    ----------
    outcome : ndarray of shape (n_states,), str
        "pattern", "inverse" (of a pattern), "mixture" (the majority of three patterns or their inverses) or "spurious".
    pattern : ndarray of shape (n_states,), int64
        The index of the pattern that the state is, or -1.
    nearest : ndarray of shape (n_states,), int64
        The pattern with the largest overlap in magnitude.
    wrong_units : ndarray of shape (n_states,), int64
        Units that differ from the pattern, the inverse or the mixture; -1 of a spurious state.
    mixtures : list
        Of a mixture its three parts, each the index of a pattern and whether it is the inverse; else None.
    overlaps : ndarray of shape (n_states, n_patterns)
        Overlaps 1/N sum_i xi_i s_i with all patterns, from -1 to 1.
    """

    outcome: np.ndarray
    pattern: np.ndarray
    nearest: np.ndarray
    wrong_units: np.ndarray
    mixtures: list
    overlaps: np.ndarray

    def __repr__(self):
        return f"{type(self).__name__}({_counts(self.outcome)})"


@dataclass(frozen=True, eq=False, repr=False)
class RecallResult(Outcomes):
    """Recalled states, and what they are.

    Attributes
    ----------
    states : ndarray of shape (n_states, n_units), int8
        The recalled states, in the kind of numbers that was stored.
    energies : ndarray of shape (n_states,)
        Their energies.
    sweeps : ndarray of shape (n_states,), int64
        Sweeps until recall ended.
    stop : ndarray of shape (n_states,), str
        Why it ended: "fixed-point", "two-cycle" (of synchronous motion) or "sweep-limit".
    trace : list of ndarray of shape (n_sweeps + 1,), or None
        The energies of each given state and of the states after every sweep, if asked for.
    seed : int
        The seed: as `random_state` it gives the same result.
    outcome, pattern, nearest, wrong_units, mixtures, overlaps
        As in :class:`Outcomes`.
    """

    states: np.ndarray
    energies: np.ndarray
    sweeps: np.ndarray
    stop: np.ndarray
    trace: Optional[list]
    seed: int


def _counts(outcome):
    names, counts = np.unique(outcome, return_counts=True)
    return ", ".join(f"{name}: {count}" for name, count in zip(names.tolist(), counts.tolist()))
