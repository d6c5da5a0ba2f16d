"""Log-likelihoods of RBMs."""

import warnings
from dataclasses import dataclass, field

import numpy as np

from . import _native
from ._progress import progress_bar


@dataclass(frozen=True)
class LogLikelihood:
    """The mean of ln p(v) = -F(v) - ln Z over rows, in nats.

    By annealed importance sampling, the forward estimate of ln Z is on average too low, so that of ln p is too high; the
    reverse estimate errs the other way if its chains start at samples of the model.

    Attributes
    ----------
    value : float
        The exact value, or the mean of both ends.
    standard_error : float
        One standard error of `value` from the annealing; 0 if exact.
    low, high : float
        By reverse and by forward annealing; both are `value` if exact.
    low_error, high_error : float
        Their standard errors.
    ln_z : tuple of float
        ln Z by forward and by reverse annealing.
    method : str
        "exact" or "ais".
    doubts : list of str
        Reasons not to trust the estimates; empty if there are none.
    """

    value: float
    standard_error: float
    low: float
    high: float
    low_error: float
    high_error: float
    ln_z: tuple[float, float]
    method: str
    doubts: list[str] = field(default_factory=list)

    def __float__(self) -> float:
        return self.value


def _mean_free_energy(parameters, rows, seed, threads):
    """The mean of F(v) over rows, whose values between 0 and 1 are drawn."""
    return float(np.mean(_native.free_energies(parameters, rows.drawn(seed, threads), threads)))


def exact(parameters, rows, seed, threads):
    """By enumeration of the smaller layer."""
    ln_z = _native.ln_z(parameters, threads)
    value = -_mean_free_energy(parameters, rows, seed, threads) - ln_z
    return LogLikelihood(value, 0.0, value, value, 0.0, 0.0, (ln_z, ln_z), "exact")


def annealed(parameters, rows, settings, verbose):
    """By annealed importance sampling from both sides. Every doubt is a warning too."""
    free = _mean_free_energy(parameters, rows, settings["seed"], settings["threads"])
    with progress_bar(verbose, _native.annealing_steps(parameters, settings), "steps", "log_likelihood") as report:
        found = _native.annealed_ln_z(parameters, rows, settings, report)
    forward, reverse = found["forward"], found["reverse"]
    ln_z = forward["ln_z"], reverse["ln_z"]
    errors = forward["standard_error"], reverse["standard_error"]
    for doubt in found["doubts"]:
        warnings.warn(doubt, UserWarning, stacklevel=3)
    return LogLikelihood(
        value=-free - sum(ln_z) / 2,
        standard_error=float(np.hypot(*errors)) / 2,
        low=-free - ln_z[1],
        high=-free - ln_z[0],
        low_error=errors[1],
        high_error=errors[0],
        ln_z=ln_z,
        method="ais",
        doubts=found["doubts"],
    )
