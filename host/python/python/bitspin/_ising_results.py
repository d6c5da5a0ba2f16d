"""Results of annealing, sampling and enumerating Ising models."""

from dataclasses import dataclass
from typing import Optional

import numpy as np


@dataclass(frozen=True, eq=False)
class AnnealResult:
    """States of low energy, one per replica.

    Attributes
    ----------
    states : ndarray of shape (n_replicas, n_spins), int8
        The state of lowest energy of each replica, -1 and 1. Fewer replicas than asked for if a time limit ended it.
    energies : ndarray of shape (n_replicas,)
        Their energies.
    first_seen : ndarray of shape (n_replicas,)
        The number of sweeps after which each state was first seen.
    sweeps : ndarray of shape (n_replicas,)
        The number of sweeps of each replica.
    beta_range : tuple of two floats
        The first and the last inverse temperature.
    seed : int
        The seed: as `random_state` it gives the same result.
    rounding : str or None
        How couplings and fields were rounded to integers while annealing, if they were. Energies are those of the model
        as it was given.
    """

    states: np.ndarray
    energies: np.ndarray
    first_seen: np.ndarray
    sweeps: np.ndarray
    beta_range: tuple[float, float]
    seed: int
    rounding: Optional[str]

    @property
    def best(self) -> int:
        """The replica of lowest energy, the first of equal ones."""
        return int(np.argmin(self.energies))

    @property
    def state(self) -> np.ndarray:
        """The state of lowest energy."""
        return self.states[self.best]

    @property
    def energy(self) -> float:
        """The lowest energy."""
        return float(self.energies[self.best])

    @property
    def hits(self) -> int:
        """Replicas that reached the lowest energy."""
        return int(np.count_nonzero(self.energies == self.energies.min(initial=np.inf)))

    def __repr__(self):
        replicas, spins = self.states.shape
        if replicas == 0:
            return f"AnnealResult(0 replicas of {spins} spins)"
        return f"AnnealResult({replicas} replicas of {spins} spins, lowest energy {self.energy}, reached by {self.hits})"


@dataclass(frozen=True, eq=False)
class SampleResult:
    """Thermal averages per spin at each inverse temperature, with standard errors and convergence.

    Errors follow from the autocorrelation of the draws, R-hat and effective sample sizes from all chains together.

    Attributes
    ----------
    betas : ndarray of shape (n_betas,)
        Inverse temperatures, ascending.
    energy, energy_error : ndarray of shape (n_betas,)
        <E> / N.
    magnetisation, magnetisation_error : ndarray of shape (n_betas,)
        <|M|> / N, where M is the sum of the spins.
    specific_heat, specific_heat_error : ndarray of shape (n_betas,)
        beta^2 (<E^2> - <E>^2) / N.
    susceptibility, susceptibility_error : ndarray of shape (n_betas,)
        beta (<M^2> - <|M|>^2) / N.
    energy_r_hat, magnetisation_r_hat : ndarray of shape (n_betas,)
        Split R-hat, rank-normalised: 1 for chains that agree, NaN where nothing ever varied.
    energy_effective_samples, magnetisation_effective_samples : ndarray of shape (n_betas,)
        The number of independent draws that all draws together are worth.
    energy_autocorrelation_time, magnetisation_autocorrelation_time : ndarray of shape (n_betas,)
        Sweeps of a chain that are worth one independent draw.
    energy_verdicts, magnetisation_verdicts : tuple of str
        "mixed", "too-few" (effective samples), "constant" or "not-mixed".
    exchange_rates : ndarray of shape (n_betas - 1,) or None
        Of tempering, the share of exchanges between neighbouring temperatures that were accepted.
    states : ndarray of shape (n_betas, n_chains, n_spins), int8
        The last state of every chain, -1 and 1.
    verdict : str
        The worst of all verdicts.
    summary : str
        In words: the slowest convergence, and what to change if chains have not mixed.
    seed : int
        The seed: as `random_state` it gives the same result.
    rounding : str or None
        How couplings and fields were rounded to integers, if they were.
    """

    betas: np.ndarray
    energy: np.ndarray
    energy_error: np.ndarray
    magnetisation: np.ndarray
    magnetisation_error: np.ndarray
    specific_heat: np.ndarray
    specific_heat_error: np.ndarray
    susceptibility: np.ndarray
    susceptibility_error: np.ndarray
    energy_r_hat: np.ndarray
    energy_effective_samples: np.ndarray
    energy_autocorrelation_time: np.ndarray
    energy_verdicts: tuple[str, ...]
    magnetisation_r_hat: np.ndarray
    magnetisation_effective_samples: np.ndarray
    magnetisation_autocorrelation_time: np.ndarray
    magnetisation_verdicts: tuple[str, ...]
    exchange_rates: Optional[np.ndarray]
    states: np.ndarray
    verdict: str
    summary: str
    seed: int
    rounding: Optional[str]

    def __repr__(self):
        betas, chains, spins = self.states.shape
        return f"SampleResult({betas} betas, {chains} chains of {spins} spins, verdict {self.verdict!r})"


@dataclass(frozen=True, eq=False)
class ExactResult:
    """Exact thermal averages.

    Attributes
    ----------
    beta : float
        Inverse temperature.
    ln_z : float
        ln Z, the natural logarithm of the sum of exp(-beta E) over all states.
    energy : float
        <E>.
    entropy : float
        In nats.
    ground_energy : float
        The lowest energy.
    magnetisations : ndarray of shape (n_spins,)
        <s_i>.
    correlations : ndarray of shape (n_spins, n_spins)
        <s_i s_j>.
    probabilities : ndarray of shape (2**n_spins,) or None
        Of each state, if asked for: bit i of a state's number is set where spin i is +1.
    """

    beta: float
    ln_z: float
    energy: float
    entropy: float
    ground_energy: float
    magnetisations: np.ndarray
    correlations: np.ndarray
    probabilities: Optional[np.ndarray]

    def __repr__(self):
        return f"ExactResult(beta={self.beta}, ln_z={self.ln_z}, energy={self.energy}, {len(self.magnetisations)} spins)"
