"""Simulated annealing as a sampler of dimod."""

import math
import numbers
import time
from collections.abc import Callable, Sequence
from typing import Any

import dimod
import numpy as np
from numpy.typing import ArrayLike

from . import _couplings
from ._checks import check_threads
from ._ising import MOST_REPLICAS, IsingModel, check_time_limit, give

__all__ = ["BitspinSampler", "default_beta_range"]

#: Update rules by the names that dwave-samplers gives them.
_RULES = {"Metropolis": "metropolis", "Gibbs": "glauber"}

#: The most sweeps whose inverse temperatures are listed one by one.
_MOST_LISTED = 100_000_000

#: Share of a typical field below which a gap does not make the last temperature colder: the descent at the end takes it.
_LEAST_GAP = 1 / 4


class BitspinSampler(dimod.Sampler, dimod.Initialized):
    """Simulated annealing sampler for binary quadratic models.

    It takes the parameters of ``dwave.samplers.SimulatedAnnealingSampler``, but for ``randomize_order``. Every read
    makes one sweep per inverse temperature, and flips spins and whole domains at the end as long as that lowers the
    energy; the state of lowest energy that was seen is its sample.

    Attributes
    ----------
    parameters : dict
        The keyword arguments of :meth:`sample`.
    properties : dict
        ``beta_schedule_options`` and ``proposal_acceptance_criteria_options``.

    Examples
    --------
    >>> from bitspin.dimod import BitspinSampler
    >>> sampleset = BitspinSampler().sample_ising({"a": 0.5}, {("a", "b"): 1.0}, num_reads=4, seed=1)
    >>> float(sampleset.first.energy)
    -1.5
    """

    def __init__(self):
        self._properties = {
            "beta_schedule_options": ("linear", "geometric", "custom"),
            "proposal_acceptance_criteria_options": tuple(_RULES),
        }
        self._parameters = {
            "num_reads": [],
            "num_sweeps": [],
            "num_sweeps_per_beta": [],
            "beta_range": [],
            "beta_schedule_type": ["beta_schedule_options"],
            "beta_schedule": [],
            "seed": [],
            "initial_states": [],
            "initial_states_generator": [],
            "proposal_acceptance_criteria": ["proposal_acceptance_criteria_options"],
            "interrupt_function": [],
            "time_limit": [],
            "threads": [],
        }

    @property
    def parameters(self) -> dict[str, Any]:
        """Keyword arguments of :meth:`sample`, each with the properties that say more of it."""
        return self._parameters

    @property
    def properties(self) -> dict[str, Any]:
        """Choices of `beta_schedule_type` and `proposal_acceptance_criteria`."""
        return self._properties

    def sample(
        self,
        bqm: dimod.BinaryQuadraticModel,
        *,
        num_reads: int | None = None,
        num_sweeps: int | None = None,
        num_sweeps_per_beta: int = 1,
        beta_range: Sequence[float] | None = None,
        beta_schedule_type: str = "geometric",
        beta_schedule: ArrayLike | None = None,
        seed: int | None = None,
        initial_states: Any = None,
        initial_states_generator: str = "random",
        proposal_acceptance_criteria: str = "Metropolis",
        interrupt_function: Callable[[], bool] | None = None,
        time_limit: float | None = None,
        threads: int | None = None,
        **kwargs: Any,
    ) -> dimod.SampleSet:
        """Sample from a binary quadratic model.

        Parameters
        ----------
        bqm : dimod.BinaryQuadraticModel
            SPIN or BINARY, of up to 65,536 variables.
        num_reads : int, default=None
            Number of samples: that of `initial_states`, or 1, for None.
        num_sweeps : int, default=None
            Sweeps per read; 1000 for None, or as many as a custom schedule has.
        num_sweeps_per_beta : int, default=1
            Sweeps at each inverse temperature.
        beta_range : (float, float), default=None
            First and last inverse temperature; that of :func:`default_beta_range` for None.
        beta_schedule_type : {"geometric", "linear", "custom"}, default="geometric"
            How beta goes from its first to its last value; "custom" takes `beta_schedule`.
        beta_schedule : array-like of float, default=None
            Inverse temperatures of a custom schedule, each for `num_sweeps_per_beta` sweeps.
        seed : int, default=None
            From 0 to 2^64 - 1. The same seed gives the same samples, at any number of threads.
        initial_states : samples-like, default=None
            Where reads start.
        initial_states_generator : {"random", "tile", "none"}, default="random"
            What to do if there are fewer of them than reads: start from random states, repeat them, or raise.
        proposal_acceptance_criteria : {"Metropolis", "Gibbs"}, default="Metropolis"
            Update rule of a variable. Metropolis skips an eighth of the proposals at random, which makes it ergodic for
            every model: 8 sweeps make as many proposals as 7 of dwave-samplers.
        interrupt_function : callable, default=None
            Called about every 50 ms. If it returns True, sampling ends with the states found so far.
        time_limit : float, default=None
            Seconds after which sampling ends with the states found so far.
        threads : int, default=None
            Number of threads; all cores for None.
        **kwargs
            Others are ignored with a warning, as by dimod's samplers.

        Returns
        -------
        dimod.SampleSet
            Its ``info`` holds ``beta_range``, ``beta_schedule_type``, ``seed`` and ``timing`` in nanoseconds.

        Raises
        ------
        KeyboardInterrupt
            Its attribute ``partial_result`` is the sample set so far.
        """
        began = time.perf_counter_ns()
        self.remove_unknown_kwargs(**kwargs)
        if interrupt_function is not None and not callable(interrupt_function):
            raise TypeError("'interrupt_function' should be a callable")
        if proposal_acceptance_criteria not in _RULES:
            raise ValueError(
                f"proposal_acceptance_criteria: expected 'Metropolis' or 'Gibbs', found {proposal_acceptance_criteria!r}"
            )
        seed = _check_seed(seed)
        limit, threads = check_time_limit(time_limit), check_threads(threads)
        variables = list(bqm.variables)
        starts, num_reads = self._starts(bqm, variables, initial_states, initial_states_generator, num_reads, seed)
        model = IsingModel.from_bqm(bqm) if variables else None
        schedule, betas = _temperatures(
            model, num_sweeps, num_sweeps_per_beta, beta_range, beta_schedule_type, beta_schedule
        )
        prepared = time.perf_counter_ns()
        states, raised = np.ones((num_reads, 0), np.int8), None
        if model is not None:
            progress = None if interrupt_function is None else _Interruption(interrupt_function)
            rule = _RULES[proposal_acceptance_criteria]
            result, raised = model._anneal(
                num_reads, schedule, betas, rule, starts, seed, threads, limit, progress=progress
            )
            states = result.states
        sampled = time.perf_counter_ns()
        if bqm.vartype is dimod.BINARY:
            states = (states > 0).astype(np.int8)
        sampleset = dimod.SampleSet.from_samples_bqm((states, variables), bqm)
        first, last = schedule[1] if betas is None else (float(betas[0]), float(betas[-1]))
        sampleset.info.update(
            beta_range=[first, last],
            beta_schedule_type=beta_schedule_type,
            seed=seed,
            timing={
                "preprocessing_ns": prepared - began,
                "sampling_ns": sampled - prepared,
                "postprocessing_ns": time.perf_counter_ns() - sampled,
            },
        )
        return give(sampleset, None if isinstance(raised, _Interrupted) else raised)

    def _starts(self, bqm, variables, initial_states, generator, num_reads, seed):
        """Initial states as spins in the order of the variables, or None for random ones, and the number of reads."""
        if num_reads is not None and (not isinstance(num_reads, numbers.Integral) or isinstance(num_reads, bool)):
            raise TypeError("'num_reads' should be a positive integer")
        given = 0 if initial_states is None else len(dimod.as_samples(initial_states)[0])
        reads = given or 1 if num_reads is None else int(num_reads)
        if not 1 <= reads <= MOST_REPLICAS:
            raise ValueError(f"'num_reads' should be a positive integer up to {MOST_REPLICAS}")
        random = generator == "random"
        if not variables or (given == 0 and random):
            return None, reads
        # Reads beyond the given states start from states of the engine's own generator.
        parsed = self.parse_initial_states(
            bqm,
            initial_states=initial_states,
            initial_states_generator=generator,
            num_reads=min(given, reads) if random else reads,
            seed=seed % 2**32,
        )
        states = parsed.initial_states
        order = [states.variables.index(variable) for variable in variables]
        spins = np.where(states.record.sample[:, order] > 0, 1, -1)
        return np.ascontiguousarray(spins, np.int8), reads


class _Interrupted(Exception):
    """Raised where an interrupt function returned True."""


class _Interruption:
    """Calls an interrupt function whenever progress is reported."""

    def __init__(self, function):
        self.function = function

    def __call__(self, _steps):
        if self.function():
            raise _Interrupted


def default_beta_range(bqm: dimod.BinaryQuadraticModel) -> tuple[float, float]:
    """First and last inverse temperature of annealing a binary quadratic model.

    At the first, the variable with the largest field |h_i| + sum_j |J_ij| flips against it with probability 1/2 by
    Metropolis' rule. At the last, about one in a hundred sweeps flips a variable against the smallest gap, which is taken
    as the smallest nonzero |h_i| or |J_ij|, but at least as a quarter of a typical field: smaller gaps are left to the descent
    at the end of each read. This is the scheme of dwave-samplers, but for that bound.

    Parameters
    ----------
    bqm : dimod.BinaryQuadraticModel

    Returns
    -------
    (float, float)
        (0.1, 1.0) if all biases are 0.

    Examples
    --------
    >>> import dimod
    >>> from bitspin.dimod import default_beta_range
    >>> hot, cold = default_beta_range(dimod.BQM.from_ising({}, {"ab": 1.0}))
    >>> round(hot, 4), round(cold, 4)
    (0.3466, 2.6492)
    """
    return _beta_range(IsingModel.from_bqm(bqm)) if len(bqm.variables) else (0.1, 1.0)


def _beta_range(model):
    if model is None:
        return 0.1, 1.0
    rows, columns, weights = model._native.edges
    fields, sizes = np.abs(model.fields), np.abs(weights)
    largest, least = fields.copy(), np.where(fields > 0, fields, np.inf)
    with np.errstate(over="ignore"):
        for ends in (rows, columns):
            largest += np.bincount(ends, sizes, len(fields))
            np.minimum.at(least, ends, sizes)
    if not largest.any():
        return 0.1, 1.0
    gap = float(least.min())
    count = int(np.count_nonzero(least == gap))
    gap = max(gap, _LEAST_GAP * model._native.typical_field)
    with np.errstate(over="ignore", divide="ignore"):
        hot = float(np.log(2) / (2 * largest.max()))
        cold = max(hot, float(np.log(100 * count) / np.float64(2 * gap)))
    if not (hot > 0 and cold < math.inf):
        raise ValueError("bqm: expected biases that are neither too small nor too large for a beta_range by default")
    return hot, cold


def _temperatures(model, num_sweeps, per_beta, beta_range, kind, custom):
    """A schedule (kind, range, sweeps), and a list of inverse temperatures where no schedule of the engine has them."""
    per_beta = _check_sweeps(per_beta, "num_sweeps_per_beta")
    if kind == "custom":
        if custom is None:
            raise ValueError("beta_schedule: expected inverse temperatures for beta_schedule_type='custom', found None")
        betas = _couplings.float_array(custom, "beta_schedule", 1)
        if betas.size == 0 or betas.min() < 0:
            raise ValueError(f"beta_schedule: expected numbers, none below 0, found {betas.tolist()[:8]}")
        if num_sweeps is not None and num_sweeps != len(betas) * per_beta:
            raise ValueError(f"num_sweeps: expected None or {len(betas) * per_beta}, as in beta_schedule, found {num_sweeps}")
        if beta_range is not None and (beta_range[0] != betas[0] or beta_range[-1] != betas[-1]):
            raise ValueError(f"beta_range: expected None or the ends of beta_schedule, found {beta_range}")
        return ("geometric", None, len(betas) * per_beta), _repeated(betas, per_beta)
    if kind not in ("linear", "geometric"):
        raise ValueError(f"beta_schedule_type: expected 'linear', 'geometric' or 'custom', found {kind!r}")
    if custom is not None:
        raise ValueError("beta_schedule: expected None unless beta_schedule_type='custom'")
    sweeps = 1000 if num_sweeps is None else _check_sweeps(num_sweeps, "num_sweeps")
    count, rest = divmod(sweeps, per_beta)
    if rest:
        raise ValueError(f"num_sweeps: expected a multiple of num_sweeps_per_beta={per_beta}, found {sweeps}")
    if beta_range is None:
        first, last = _beta_range(model)
    else:
        first, last = _couplings.float_array(beta_range, "beta_range", 1) if np.size(beta_range) == 2 else (-1, -1)
        if min(first, last) < 0 or kind == "geometric" and min(first, last) == 0:
            raise ValueError(f"beta_range: expected two numbers, not below 0 (above 0 if geometric), found {beta_range}")
    first, last = float(first), float(last)
    if per_beta == 1 and min(first, last) > 0:
        return (kind, (first, last), sweeps), None
    space = np.linspace if kind == "linear" else np.geomspace
    betas = space(first, last, count) if count > 1 else np.array([last])
    return (kind, (first, last), sweeps), _repeated(betas, per_beta)


def _repeated(betas, per_beta):
    """The inverse temperature of every sweep."""
    sweeps = len(betas) * per_beta
    if sweeps > _MOST_LISTED:
        raise ValueError(f"num_sweeps_per_beta: expected at most {_MOST_LISTED} sweeps in all, found {sweeps}")
    return np.repeat(betas, per_beta)


def _check_sweeps(value, name):
    if not isinstance(value, numbers.Integral) or isinstance(value, bool):
        raise TypeError(f"'{name}' should be a positive integer: value = {value!r}")
    if not 1 <= value < 2**32:
        raise ValueError(f"'{name}' should be a positive integer: value = {value}")
    return int(value)


def _check_seed(seed):
    if seed is None:
        return int(np.random.SeedSequence().generate_state(1)[0])
    if not isinstance(seed, numbers.Integral) or isinstance(seed, bool):
        raise TypeError(f"'seed' should be None or an integer: value = {seed!r}")
    if not 0 <= seed < 2**64:
        raise ValueError(f"'seed' should be an integer from 0 to 2^64 - 1: value = {seed}")
    return int(seed)
