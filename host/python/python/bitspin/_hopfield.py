"""Hopfield memories."""

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.exceptions import NotFittedError

from ._checks import check_choice, check_count, check_number, check_seed, check_threads
from ._hopfield_results import Outcomes, RecallResult
from ._ising import give
from ._native import HopfieldMemory
from ._progress import progress_bar
from ._spins import as_kind, check_states

#: The motions of recall.
MOTIONS = ("ascending", "random", "greedy", "synchronous")


class Hopfield(BaseEstimator):
    """Hopfield memory: stores patterns, and recalls them from damaged ones.

    Patterns and states are spins (-1 and 1) or bits (0 and 1); results have the kind of numbers that was stored.
    Energies and temperatures are in units of the field that one stored pattern adds to its own units. By Hebb's rule

        E = -1/2 sum_ij w_ij s_i s_j,   w_ij = 1/N sum_mu xi_mu,i xi_mu,j,   w_ii = 0.

    Parameters
    ----------
    rule : str, default="hebb"
        Learning rule:

        - "hebb": the sum of the patterns' outer products;
        - "covariance": the same of patterns from which their mean is taken;
        - "pseudo-inverse": the projection on the space of the patterns, which must be linearly independent;
        - "storkey": Storkey's rule, incremental and with more capacity than Hebb's;
        - "clipped": the signs of Hebb's couplings;
        - "dense:N": dense memory whose interaction is the N-th power of the overlap, N from 2 to 64;
        - "exponential:BETA": dense memory with the interaction exp(BETA M), where M = sum_i xi_i s_i; BETA is 1 if it
          is left out. Its energy is -1/BETA ln sum_mu exp(BETA M_mu), and it has no temperature.

    Attributes
    ----------
    patterns_ : ndarray of shape (n_patterns, n_units), int8
        The stored patterns.
    kind_ : {"spins", "bits"}
        The kind of numbers of patterns and results.
    n_features_in_ : int
        Number of units.

    Examples
    --------
    >>> import numpy as np
    >>> from bitspin import Hopfield
    >>> patterns = np.random.default_rng(1).integers(0, 2, (3, 100))
    >>> memory = Hopfield().store(patterns)
    >>> damaged = patterns.copy()
    >>> damaged[:, :10] = 0
    >>> result = memory.recall(damaged)
    >>> result.pattern
    array([0, 1, 2])
    >>> bool((result.states == patterns).all())
    True
    """

    def __init__(self, rule: str = "hebb") -> None:
        self.rule = rule

    def store(self, patterns: Any) -> "Hopfield":
        """Store patterns, in addition to those that are stored.

        Parameters
        ----------
        patterns : array-like or sparse matrix of shape (n_units,) or (n_patterns, n_units)
            Spins (-1 and 1) or bits (0 and 1).

        Returns
        -------
        self

        Warns
        -----
        UserWarning
            Of patterns that are equal, or complements that the rule stores as one pattern or not at all.
        """
        known = getattr(self, "patterns_", None)
        units = None if known is None else known.shape[1]
        spins, kind, _ = check_states(patterns, units, "patterns")
        if spins.shape[1] < 2:
            raise ValueError(f"patterns: expected at least 2 units, found {spins.shape[1]}")
        if known is not None:
            if kind not in (None, self.kind_):
                raise ValueError(f"patterns: expected {self.kind_}, as those that are stored, found {kind}")
            kind = self.kind_
            spins = np.concatenate([_to_spins(known), spins])
        self._build(spins)
        self.kind_ = kind or "spins"
        self.patterns_ = as_kind(spins, self.kind_)
        self.n_features_in_ = spins.shape[1]
        # Last, since a filter may turn warnings into exceptions.
        self._warn_of_alike(spins, 0 if known is None else len(known))
        return self

    def recall(
        self,
        states: Any,
        *,
        motion: str = "ascending",
        temperature: float = 0.0,
        max_sweeps: int = 100,
        return_trace: bool = False,
        random_state: Any = None,
        threads: int | None = None,
        verbose: int = 0,
    ) -> RecallResult:
        """Recall stored patterns from states.

        Parameters
        ----------
        states : array-like or sparse matrix of shape (n_units,) or (n_states, n_units)
            Spins (-1 and 1) or bits (0 and 1). They are not changed.
        motion : {"ascending", "random", "greedy", "synchronous"}, default="ascending"
            One unit after the other, first to last; in a new random order every sweep; always the unit that lowers the
            energy most; or all units at once.
        temperature : float, default=0.0
            Above 0, `max_sweeps` sweeps of Glauber's dynamics at this temperature, with "ascending" motion.
        max_sweeps : int, default=100
            The most sweeps.
        return_trace : bool, default=False
            Whether to return the energies after every sweep.
        random_state : int, numpy.random.RandomState, numpy.random.Generator or None, default=None
            For "random" motion and temperatures.
        threads : int, default=None
            Number of threads, which does not change the result; all cores for None.
        verbose : int, default=0
            Whether to show a progress bar.

        Returns
        -------
        RecallResult
            One row per state.

        Raises
        ------
        KeyboardInterrupt
            Its attribute ``partial_result`` holds the states that were recalled.
        """
        memory = self._memory()
        spins = self._check_states(states)
        check_choice(motion, "motion", MOTIONS)
        temperature = check_number(temperature, "temperature")
        if not 0 <= temperature <= 1e6:
            raise ValueError(f"temperature: expected a number from 0 to 1000000, found {temperature}")
        if temperature > 0 and motion != "ascending":
            raise ValueError(f"motion: expected 'ascending' at a temperature above 0, found {motion!r}")
        if temperature > 0 and self.rule.startswith("exponential"):
            raise ValueError(f"temperature: expected 0 for rule {self.rule!r}, found {temperature}")
        sweeps = check_count(max_sweeps, "max_sweeps", most=2**32 - 1)
        seed, threads = check_seed(random_state), check_threads(threads)
        with progress_bar(verbose, len(spins), "states") as bar:
            found, raised = memory.recall(spins, motion, temperature, sweeps, bool(return_trace), seed, threads, bar)
        recalled = found.pop("states")
        result = RecallResult(
            **self._outcomes(found, recalled),
            states=as_kind(recalled, self.kind_),
            energies=found["energies"],
            sweeps=found["sweeps"],
            stop=np.array(found["stop"], dtype=str),
            trace=found["trace"],
            seed=seed,
        )
        return give(result, raised)

    def classify(self, states: Any) -> Outcomes:
        """Say what states are: stored patterns, inverses, mixtures or spurious states.

        Parameters
        ----------
        states : array-like or sparse matrix of shape (n_units,) or (n_states, n_units)
            Spins (-1 and 1) or bits (0 and 1).

        Returns
        -------
        Outcomes
        """
        memory = self._memory()
        spins = self._check_states(states)
        return Outcomes(**self._outcomes(memory.classify(spins), spins))

    def energy(self, states: Any) -> Any:
        """Energies of states.

        Parameters
        ----------
        states : array-like or sparse matrix of shape (n_units,) or (n_states, n_units)
            Spins (-1 and 1) or bits (0 and 1).

        Returns
        -------
        float or ndarray of shape (n_states,)
            A float for a single state.
        """
        memory = self._memory()
        spins, _, single = check_states(states, self.n_features_in_)
        energies = memory.energies(spins)
        return float(energies[0]) if single else energies

    def overlaps(self, states: Any) -> NDArray[np.float64]:
        """Overlaps 1/N sum_i xi_i s_i of states with the stored patterns.

        Parameters
        ----------
        states : array-like or sparse matrix of shape (n_units,) or (n_states, n_units)
            Spins (-1 and 1) or bits (0 and 1).

        Returns
        -------
        ndarray of shape (n_patterns,) or (n_states, n_patterns)
            From -1 to 1.
        """
        self._memory()
        spins, _, single = check_states(states, self.n_features_in_)
        overlaps = self._overlaps(spins)
        return overlaps[0] if single else overlaps

    def _overlaps(self, spins):
        # Sums of up to 65,536 units are exact in float32.
        products = spins.astype(np.float32) @ _to_spins(self.patterns_).T.astype(np.float32)
        return products.astype(np.float64) / spins.shape[1]

    def _outcomes(self, found, spins):
        return {
            "outcome": np.array(found["outcome"], dtype=str),
            "pattern": found["pattern"],
            "nearest": found["nearest"],
            "wrong_units": found["wrong_units"],
            "mixtures": found["mixtures"],
            "overlaps": self._overlaps(spins),
        }

    def _check_states(self, states):
        return check_states(states, self.n_features_in_)[0]

    def _memory(self):
        """The native memory of the patterns by the rule as it is now."""
        if not hasattr(self, "patterns_"):
            raise NotFittedError(f"This {type(self).__name__} instance holds no patterns yet; call 'store' first.")
        rule, memory = getattr(self, "_native", (None, None))
        if memory is None or rule != self.rule:
            memory = self._build(_to_spins(self.patterns_))
        return memory

    def _build(self, spins):
        if not isinstance(self.rule, str):
            raise ValueError(f"rule: expected a str, found {self.rule!r}")
        memory = HopfieldMemory(self.rule, spins)
        self._native = self.rule, memory
        return memory

    def _warn_of_alike(self, spins, known):
        """Warn of patterns that the rule cannot tell apart, if the second of them is new."""
        equal, complements = HopfieldMemory.alike(self.rule, spins)
        if equal is not None and equal[1] >= known:
            warnings.warn(f"patterns {equal[0]} and {equal[1]} are equal", UserWarning, stacklevel=3)
        if complements is not None and complements[1] >= known:
            first, second, what = complements
            what = "stores them as one pattern" if what == "same" else "stores neither: they cancel each other"
            warnings.warn(
                f"patterns {first} and {second} are complements of each other; rule {self.rule} {what}",
                UserWarning,
                stacklevel=3,
            )

    def __sklearn_is_fitted__(self):
        return hasattr(self, "patterns_")

    def __getstate__(self):
        state = dict(super().__getstate__())
        state.pop("_native", None)
        return state


def _to_spins(numbers_):
    return np.where(numbers_ > 0, 1, -1).astype(np.int8)
