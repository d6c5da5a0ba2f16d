"""Functions of the Boltzmann distribution: softmax, entropy, divergence, calibration. All logarithms are natural."""

import warnings

import numpy as np
from scipy import special

from ._checks import check_count, in_c_order
from ._native import best_temperature

__all__ = [
    "boltzmann",
    "entropy",
    "expected_calibration_error",
    "kl_divergence",
    "log_sum_exp",
    "softmax",
    "temperature_scale",
]

#: How far probabilities may sum from 1.
_TOLERANCE = 1e-6

#: The temperatures between which `temperature_scale` searches.
_TEMPERATURES = (0.05, 20.0)

#: The most classes of `temperature_scale`.
_MOST_CLASSES = 65_536


def boltzmann(energies, temperature=1.0, axis=-1):
    """The Boltzmann distribution p_i = exp(-E_i / T) / Z.

    Parameters
    ----------
    energies : array-like
        Energies E_i. Infinite energy is a state of probability 0.
    temperature : float, default=1.0
        T > 0, with Boltzmann's constant 1.
    axis : int, default=-1
        The axis of the states.

    Returns
    -------
    numpy.ndarray of float64
        Probabilities, of the shape of `energies`.

    Examples
    --------
    >>> from bitspin import boltzmann
    >>> boltzmann([0.0, 1.0]).round(4)
    array([0.7311, 0.2689])
    """
    return softmax(-_numbers(energies, "energies"), temperature, axis, _name="-energies")


def softmax(x, temperature=1.0, axis=-1, *, _name="x"):
    """exp(x_i / T) / sum_j exp(x_j / T), without overflow.

    Parameters
    ----------
    x : array-like
        Logits. -inf is a class of probability 0.
    temperature : float, default=1.0
        T > 0. A small T concentrates the distribution on the largest x, a large T flattens it.
    axis : int, default=-1
        The axis of the classes.

    Returns
    -------
    numpy.ndarray of float64
        Probabilities, of the shape of `x`.

    Examples
    --------
    >>> from bitspin import softmax
    >>> softmax([1000.0, 1000.0])
    array([0.5, 0.5])
    """
    x = _numbers(x, _name)
    _not_empty(x, axis, _name)
    temperature = _temperature(temperature)
    most = x.max(axis=axis, keepdims=True)
    if not np.isfinite(most).all():
        raise ValueError(f"{_name}: expected a finite largest value, found {most[~np.isfinite(most)].flat[0]}")
    # The largest is subtracted before the division, which could overflow.
    with np.errstate(over="ignore", under="ignore"):
        return special.softmax((x - most) / temperature, axis=axis)


def log_sum_exp(x, axis=-1):
    """ln sum_i exp(x_i), without overflow.

    Parameters
    ----------
    x : array-like
        Exponents; -inf adds nothing.
    axis : int, default=-1
        The axis that is summed over.

    Returns
    -------
    float or numpy.ndarray of float64

    Examples
    --------
    >>> from bitspin import log_sum_exp
    >>> float(round(log_sum_exp([1000.0, 1000.0]), 4))
    1000.6931
    """
    x = _numbers(x, "x")
    _not_empty(x, axis, "x")
    return special.logsumexp(x, axis=axis)


def entropy(p, axis=-1):
    """-sum_i p_i ln p_i, in nats.

    Parameters
    ----------
    p : array-like
        Probabilities that sum to 1 along `axis`, to 1e-6.
    axis : int, default=-1
        The axis of the states.

    Returns
    -------
    float or numpy.ndarray of float64

    Examples
    --------
    >>> from bitspin import entropy
    >>> float(round(entropy([0.5, 0.5]), 4))
    0.6931
    """
    # 0 rather than -0.
    return special.entr(_probabilities(p, axis, "p")).sum(axis=axis) + 0.0


def kl_divergence(p, q, axis=-1):
    """K(p; q) = sum_i p_i ln(p_i / q_i), in nats; infinite where q_i = 0 and p_i > 0.

    Parameters
    ----------
    p, q : array-like of the same shape
        Probabilities that sum to 1 along `axis`, to 1e-6.
    axis : int, default=-1
        The axis of the states.

    Returns
    -------
    float or numpy.ndarray of float64

    Examples
    --------
    >>> from bitspin import kl_divergence
    >>> float(round(kl_divergence([0.5, 0.5], [0.25, 0.75]), 4))
    0.1438
    """
    p, q = _probabilities(p, axis, "p"), _probabilities(q, axis, "q")
    if p.shape != q.shape:
        raise ValueError(f"q: expected the shape of p, {p.shape}, found {q.shape}")
    return special.rel_entr(p, q).sum(axis=axis)


def temperature_scale(logits, labels):
    """The temperature T at which softmax(logits / T) predicts the labels best.

    T minimises the mean negative log-likelihood, which is convex in 1 / T (Guo et al., "On Calibration of Modern Neural
    Networks", 2017). It is searched from 0.05 to 20; a result at an end of that range is warned of.

    Parameters
    ----------
    logits : array-like of shape (n_samples, n_classes)
        Logits, such as an RBM's -F(x, y).
    labels : array-like of shape (n_samples,)
        The true classes, 0 to n_classes - 1.

    Returns
    -------
    float

    Examples
    --------
    >>> from bitspin import temperature_scale
    >>> logits = [[4.0, 0.0], [4.0, 0.0], [4.0, 0.0], [0.0, 4.0]]
    >>> round(temperature_scale(logits, [0, 0, 1, 1]), 2)
    3.64
    """
    logits = _numbers(logits, "logits")
    labels = _labels(labels, logits, "logits")
    if logits.shape[1] > _MOST_CLASSES:
        raise ValueError(f"logits: expected at most {_MOST_CLASSES} classes, found {logits.shape[1]}")
    if not np.isfinite(logits).all():
        raise ValueError(f"logits: expected finite numbers, found {logits[~np.isfinite(logits)][0]}")
    found = best_temperature(in_c_order(logits), labels.astype(np.uint16))
    if np.abs(np.log(found) - np.log(_TEMPERATURES)).min() < 1e-3:
        warnings.warn(
            f"the negative log-likelihood is least at a temperature beyond {_TEMPERATURES[0]} to {_TEMPERATURES[1]}",
            stacklevel=2,
        )
    return found


def expected_calibration_error(probabilities, labels, n_bins=15):
    """The expected calibration error: how far confidence is from accuracy, on average over equal bins of confidence.

    Bins are half-open, (a, b]; the confidence of a sample is its largest probability.

    Parameters
    ----------
    probabilities : array-like of shape (n_samples, n_classes)
        Predicted probabilities.
    labels : array-like of shape (n_samples,)
        The true classes, 0 to n_classes - 1.
    n_bins : int, default=15
        Number of bins.

    Returns
    -------
    float
        From 0 to 1.

    Examples
    --------
    >>> from bitspin import expected_calibration_error
    >>> float(round(expected_calibration_error([[0.75, 0.25], [0.75, 0.25]], [0, 1]), 4))
    0.25
    """
    n_bins = check_count(n_bins, "n_bins")
    p = _probabilities(probabilities, -1, "probabilities")
    labels = _labels(labels, p, "probabilities")
    confidence = p.max(axis=1)
    hits = p.argmax(axis=1) == labels
    bins = np.clip(np.ceil(confidence * n_bins).astype(int), 1, n_bins) - 1
    gaps = np.bincount(bins, weights=hits - confidence, minlength=n_bins)
    return np.abs(gaps).sum() / len(labels)


def _numbers(x, name):
    """An array of float64 without NaN."""
    try:
        x = np.asarray(x, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"{name}: expected an array of numbers") from None
    if np.isnan(x).any():
        raise ValueError(f"{name}: expected numbers, found NaN at index {_index(np.isnan(x))}")
    return x


def _not_empty(x, axis, name):
    if x.ndim == 0 or not -x.ndim <= axis < x.ndim or x.shape[axis] == 0:
        raise ValueError(f"{name}: expected at least one value along axis {axis}, found the shape {x.shape}")


def _temperature(temperature):
    try:
        value = float(temperature)
    except (TypeError, ValueError):
        value = np.nan
    if not 0.0 < value < np.inf:
        raise ValueError(f"temperature: expected a finite number above 0, found {temperature!r}")
    return value


def _probabilities(p, axis, name):
    p = _numbers(p, name)
    _not_empty(p, axis, name)
    if (p < 0.0).any():
        raise ValueError(f"{name}: expected probabilities, found {p.min()} at index {_index(p < 0.0)}")
    sums = p.sum(axis=axis)
    wrong = np.abs(sums - 1.0) > _TOLERANCE
    if wrong.any():
        raise ValueError(f"{name}: expected probabilities that sum to 1, found the sum {np.atleast_1d(sums[wrong])[0]}")
    return p


def _labels(labels, scores, name):
    """Labels as indices of the columns of `scores`."""
    if scores.ndim != 2 or 0 in scores.shape:
        raise ValueError(f"{name}: expected the shape (n_samples, n_classes), found {scores.shape}")
    labels = np.asarray(labels)
    if labels.shape != scores.shape[:1]:
        raise ValueError(f"labels: expected {len(scores)} of them, found the shape {labels.shape}")
    indices = labels.astype(np.int64, copy=False) if labels.dtype.kind in "biuf" else None
    most = scores.shape[1] - 1
    if indices is None or (indices != labels).any() or (indices < 0).any() or (indices > most).any():
        raise ValueError(f"labels: expected classes from 0 to {most}")
    return indices


def _index(mask):
    """The first index at which `mask` is true."""
    at = tuple(int(i) for i in np.argwhere(np.atleast_1d(mask))[0])
    return at[0] if len(at) == 1 else at
