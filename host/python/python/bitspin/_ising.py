"""Ising models."""

import warnings
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from . import _couplings
from ._checks import check_count, check_number, check_seed, check_threads
from ._ising_conversions import IsingConversions
from ._ising_results import AnnealResult, ExactResult, SampleResult
from ._native import ising_anneal, ising_exact, ising_sample
from ._progress import progress_bar
from ._spins import check_spins

#: The most spins that are enumerated.
MOST_ENUMERATED = 24

#: The most replicas of annealing.
MOST_REPLICAS = 1_000_000

#: The most draws of a sampler that are kept: two numbers each.
MOST_DRAWS = 200_000_000


class IsingModel(IsingConversions):
    """Ising model of spins -1 and 1 with pair couplings and fields.

    Its energy is

        E = -1/2 sum_ij w_ij s_i s_j - sum_i h_i s_i + offset

    with symmetric couplings w and a zero diagonal: a positive coupling favours equal spins. dimod, and many papers on
    optimisation, have the opposite sign: ``E = sum_i h_i s_i + sum_{i<j} J_ij s_i s_j``, so that ``w = -J`` and fields
    change their sign too. :meth:`from_bqm` and :meth:`to_bqm` convert.

    Parameters
    ----------
    couplings : array-like or sparse matrix of shape (n_spins, n_spins)
        Symmetric, with a zero diagonal.
    fields : array-like of shape (n_spins,), default=None
        Magnetic fields; none for None.
    offset : float, default=0.0
        A constant that is added to every energy.

    Attributes
    ----------
    n_spins, n_couplings : int
        Number of spins, and of pairs with a coupling that is not 0.
    fields : ndarray of shape (n_spins,)
    couplings : scipy.sparse.csr_array of shape (n_spins, n_spins)
    offset : float
    variables : tuple or range
        What the spins are called: nodes of a graph, variables of a BQM, or 0 to n_spins - 1.

    Examples
    --------
    >>> import bitspin
    >>> model = bitspin.IsingModel([[0, 1], [1, 0]], fields=[0.5, 0])
    >>> model.energy([1, 1])
    -1.5
    >>> model.anneal(random_state=1).state
    array([1, 1], dtype=int8)
    >>> round(model.exact(beta=1.0).ln_z, 4)
    1.9402
    """

    def __init__(self, couplings: Any, fields: ArrayLike | None = None, *, offset: float = 0.0) -> None:
        count, *edges = _couplings.from_matrix(couplings)
        self._set(count, edges, fields, offset, None)

    def energy(self, states: ArrayLike) -> Any:
        """Energies of states in float64, with the offset.

        Parameters
        ----------
        states : array-like of shape (n_spins,) or (n_states, n_spins)
            Spins, -1 and 1.

        Returns
        -------
        float or ndarray of shape (n_states,)
        """
        spins, single = check_spins(states, self.n_spins)
        energies = self._native.energies(spins) + self.offset
        return float(energies[0]) if single else energies

    def cut(self, states: ArrayLike) -> Any:
        """Sum of the weights -w_ij of the pairs whose spins differ: what a state of :meth:`max_cut` cuts.

        Parameters
        ----------
        states : array-like of shape (n_spins,) or (n_states, n_spins)
            Spins, -1 and 1.

        Returns
        -------
        float or ndarray of shape (n_states,)
        """
        spins, single = check_spins(states, self.n_spins)
        rows, columns, weights = self._native.edges
        cuts = np.array([-weights[state[rows] != state[columns]].sum() + 0.0 for state in spins])
        return float(cuts[0]) if single else cuts

    def anneal(
        self,
        n_replicas: int = 8,
        sweeps: int = 1000,
        *,
        beta_range: tuple[float, float] | None = None,
        schedule: str = "geometric",
        betas: ArrayLike | None = None,
        rule: str = "glauber",
        initial_states: ArrayLike | None = None,
        time_limit: float | None = None,
        random_state: Any = None,
        threads: int | None = None,
        verbose: int = 0,
    ) -> AnnealResult:
        """Search for states of low energy by simulated annealing.

        Every replica makes one sweep per inverse temperature. After the last, spins and whole domains are flipped as long
        as that lowers the energy. The state of lowest energy that was seen is returned.

        Parameters
        ----------
        n_replicas : int, default=8
            Number of independent runs.
        sweeps : int, default=1000
            Sweeps per replica.
        beta_range : (float, float), default=None
            First and last inverse temperature; 0.1 and 10, divided by the size of a typical field, for None.
        schedule : {"geometric", "linear"}, default="geometric"
            How beta goes from its first to its last value: by equal factors, or by equal steps.
        betas : array-like of shape (sweeps,), default=None
            The inverse temperature of every sweep, in place of `sweeps`, `beta_range` and `schedule`.
        rule : {"glauber", "metropolis"}, default="glauber"
            Update rule of a spin.
        initial_states : array-like of shape (n_spins,) or (n_states, n_spins), default=None
            Where the first replicas start; others start from random states.
        time_limit : float, default=None
            Seconds after which the search ends. Replicas that were not begun by then are left out, but for the first few.
        random_state : int, numpy.random.RandomState, numpy.random.Generator or None, default=None
            An int gives the results of ``bitspin ising anneal --seed``.
        threads : int, default=None
            Number of threads, which does not change the result; all cores for None.
        verbose : int, default=0
            Whether to show a progress bar.

        Returns
        -------
        AnnealResult

        Raises
        ------
        KeyboardInterrupt
            Its attribute ``partial_result`` is the result so far.
        """
        replicas = check_count(n_replicas, "n_replicas", most=MOST_REPLICAS)
        if betas is None:
            sweeps = check_count(sweeps, "sweeps", most=2**32 - 1)
        else:
            betas = _couplings.float_array(betas, "betas", 1)
            if betas.size == 0 or betas.min() < 0:
                raise ValueError(f"betas: expected at least one number, none below 0, found {betas.tolist()[:8]}")
            sweeps = len(betas)
        result, raised = self._anneal(
            replicas,
            (schedule, _check_beta_range(beta_range), sweeps),
            betas,
            rule,
            None if initial_states is None else check_spins(initial_states, self.n_spins, "initial_states")[0],
            check_seed(random_state),
            check_threads(threads),
            check_time_limit(time_limit),
            verbose,
        )
        return give(result, raised)

    def _anneal(self, replicas, schedule, betas, rule, starts, seed, threads, time_limit, verbose=0, progress=None):
        """The result of annealing with checked arguments, and the exception that ended it early or None."""
        if starts is not None and len(starts) > replicas:
            raise ValueError(f"initial_states: expected at most {replicas}, one per replica, found {len(starts)}")
        with progress_bar(verbose, replicas * schedule[2], "sweeps") as bar:
            found, raised = ising_anneal(
                self._native, schedule, betas, rule, replicas, starts, seed, threads, time_limit, progress or bar
            )
        result = AnnealResult(
            states=found["states"],
            energies=found["energies"] + self.offset,
            first_seen=found["first_seen"],
            sweeps=found["sweeps"],
            beta_range=(found["first_beta"], found["last_beta"]),
            seed=seed,
            rounding=found["rounding"],
        )
        return result, raised

    def sample(
        self,
        betas: ArrayLike = 1.0,
        *,
        sampler: str = "glauber",
        sweeps: int = 5000,
        burn_in: int = 1000,
        chains: int = 8,
        random_state: Any = None,
        threads: int | None = None,
        verbose: int = 0,
    ) -> SampleResult:
        """Sample at one or more inverse temperatures, and estimate thermal averages.

        Parameters
        ----------
        betas : float or array-like of shape (n_betas,), default=1.0
            Inverse temperatures, ascending.
        sampler : {"glauber", "metropolis", "wolff", "tempering"}, default="glauber"
            Single flips by the heat bath (Glauber) or by Metropolis, Wolff's clusters, or the heat bath at all `betas`
            together, with exchanges between neighbours.
        sweeps : int, default=5000
            Measured sweeps per chain; with "wolff", clusters.
        burn_in : int, default=1000
            Sweeps before measuring starts.
        chains : int, default=8
            Chains per temperature; half start from random states, half with all spins +1.
        random_state : int, numpy.random.RandomState, numpy.random.Generator or None, default=None
            An int gives the results of ``bitspin ising sample --seed``.
        threads : int, default=None
            Number of threads, which does not change the result; all cores for None.
        verbose : int, default=0
            Whether to show a progress bar.

        Returns
        -------
        SampleResult

        Raises
        ------
        KeyboardInterrupt
            Its attribute ``partial_result`` is the result at the temperatures that are complete.

        Warns
        -----
        sklearn.exceptions.ConvergenceWarning
            If chains have not mixed: their averages are not the model's.

        Examples
        --------
        >>> import bitspin
        >>> model = bitspin.IsingModel([[0, 1], [1, 0]])
        >>> result = model.sample(betas=[0.5, 1.0], random_state=1)
        >>> result.verdict
        'mixed'
        >>> result.energy.round(1)
        array([-0.2, -0.4])
        """
        betas = np.atleast_1d(np.asarray(betas))
        betas = _couplings.float_array(betas, "betas", 1)
        if betas.size == 0 or betas.min() < 0 or (np.diff(betas) <= 0).any():
            raise ValueError(f"betas: expected ascending numbers, none below 0, found {betas.tolist()[:8]}")
        if sampler == "tempering" and len(betas) < 2:
            raise ValueError(f"betas: expected at least two for sampler='tempering', found {betas.tolist()}")
        sweeps = check_count(sweeps, "sweeps", least=4, most=100_000_000)
        burn_in = check_count(burn_in, "burn_in", least=0, most=100_000_000)
        chains = check_count(chains, "chains", most=1024)
        draws = sweeps * chains * len(betas)
        if draws > MOST_DRAWS:
            raise ValueError(f"sweeps, chains, betas: expected at most {MOST_DRAWS} draws in all, found {draws}")
        seed, threads = check_seed(random_state), check_threads(threads)
        with progress_bar(verbose, (burn_in + sweeps) * chains * len(betas), "sweeps") as bar:
            found, raised = ising_sample(self._native, betas, sampler, sweeps, burn_in, chains, seed, threads, bar)
        found["energy"] += self.offset / self.n_spins
        slowest = found.pop("slowest")
        verdict, summary = ("none", "No temperature is complete.") if slowest is None else slowest[1:]
        for name in ("energy_verdicts", "magnetisation_verdicts"):
            found[name] = tuple(found[name])
        result = SampleResult(**found, verdict=verdict, summary=summary, seed=seed)
        if verdict == "not-mixed" and raised is None:
            from sklearn.exceptions import ConvergenceWarning

            warnings.warn(f"At beta {slowest[0]}: {summary}", ConvergenceWarning, stacklevel=2)
        return give(result, raised)

    def temper(self, betas: ArrayLike, **options: Any) -> SampleResult:
        """Sample by parallel tempering: :meth:`sample` with ``sampler="tempering"``.

        Parameters
        ----------
        betas : array-like of shape (n_betas,)
            The ladder: at least two ascending inverse temperatures.
        **options
            As in :meth:`sample`.

        Returns
        -------
        SampleResult
        """
        return self.sample(betas, sampler="tempering", **options)

    def exact(self, beta: float = 1.0, *, probabilities: bool = False) -> ExactResult:
        """Exact ln Z and averages by enumeration of all states, of up to 24 spins.

        Parameters
        ----------
        beta : float, default=1.0
            Inverse temperature.
        probabilities : bool, default=False
            Whether to return the probability of every state too.

        Returns
        -------
        ExactResult
        """
        if self.n_spins > MOST_ENUMERATED:
            raise ValueError(f"exact() enumerates at most {MOST_ENUMERATED} spins, found {self.n_spins}")
        beta = check_number(beta, "beta")
        if beta < 0:
            raise ValueError(f"beta: expected a number that is not negative, found {beta}")
        found = ising_exact(self._native, beta, bool(probabilities))
        return ExactResult(
            beta=beta,
            ln_z=found["ln_z"] - beta * self.offset,
            energy=found["energy"] + self.offset,
            entropy=found["entropy"],
            ground_energy=found["ground_energy"] + self.offset,
            magnetisations=found["spins"],
            correlations=found["correlations"],
            probabilities=found.get("probabilities"),
        )


def give(result, raised):
    """The result, or the exception that ended the work early, which holds what there is of it."""
    if raised is not None:
        raised.partial_result = result
        raise raised
    return result


def check_time_limit(time_limit):
    """Seconds above 0, or None."""
    if time_limit is None:
        return None
    limit = check_number(time_limit, "time_limit")
    if limit <= 0:
        raise ValueError(f"time_limit: expected seconds above 0, found {limit}")
    return limit


def _check_beta_range(beta_range):
    if beta_range is None:
        return None
    first, last = _couplings.float_array(beta_range, "beta_range", 1) if np.size(beta_range) == 2 else (0, 0)
    if first <= 0 or last <= 0:
        raise ValueError(f"beta_range: expected two numbers above 0, found {beta_range!r}")
    return float(first), float(last)
