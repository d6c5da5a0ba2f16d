"""The functions of the Boltzmann distribution, against their formulas."""

import numpy as np
import pytest

import bitspin

ENERGIES = np.array([[0.3, -1.2, 0.0, 2.5], [700.0, -700.0, 0.0, 1.0]])


def test_softmax_and_log_sum_exp_are_their_formulas():
    # exp(700) is still a float64.
    weights = np.exp(ENERGIES)
    for axis in (0, 1):
        sums = weights.sum(axis=axis, keepdims=True)
        assert np.allclose(bitspin.softmax(ENERGIES, axis=axis), weights / sums, rtol=1e-13, atol=0)
        assert np.allclose(bitspin.log_sum_exp(ENERGIES, axis), np.log(sums).squeeze(axis), rtol=1e-13, atol=0)
    assert np.allclose(bitspin.softmax(ENERGIES[0], 2.0), bitspin.softmax(ENERGIES[0] / 2.0), rtol=1e-14, atol=0)
    assert bitspin.log_sum_exp([1e308, 1e308]) == 1e308
    assert bitspin.log_sum_exp([-np.inf, -np.inf]) == -np.inf
    assert bitspin.log_sum_exp([-np.inf, 3.0]) == 3.0


@pytest.mark.parametrize("temperature", [1e-300, 0.1, 1.0, 10.0, 1e300])
def test_boltzmann_is_the_softmax_of_minus_the_energies(temperature):
    p = bitspin.boltzmann(ENERGIES, temperature)
    assert (p == bitspin.softmax(-ENERGIES, temperature)).all()
    assert np.allclose(p.sum(axis=1), 1.0, rtol=0, atol=1e-15)


def test_limits_of_the_temperature():
    assert (bitspin.boltzmann([3.0, 1.0, 2.0], 1e-300) == [0.0, 1.0, 0.0]).all()
    assert np.allclose(bitspin.boltzmann([3.0, 1.0, 2.0], 1e300), 1 / 3, rtol=1e-15, atol=0)
    assert (bitspin.boltzmann([0.0, np.inf]) == [1.0, 0.0]).all()


def test_entropy_and_divergence():
    p, q = bitspin.softmax(ENERGIES[0]), bitspin.softmax(-ENERGIES[0])
    assert np.isclose(bitspin.entropy(p), -(p * np.log(p)).sum(), rtol=1e-13, atol=0)
    assert np.isclose(bitspin.kl_divergence(p, q), (p * np.log(p / q)).sum(), rtol=1e-13, atol=0)
    assert bitspin.kl_divergence(p, p) == 0.0
    assert bitspin.kl_divergence([0.5, 0.5], [0.0, 1.0]) == np.inf
    assert bitspin.kl_divergence([0.0, 1.0], [0.5, 0.5]) == np.log(2.0)
    assert str(bitspin.entropy([1.0])) == "0.0"
    assert bitspin.entropy(np.full((3, 4), 0.25)).shape == (3,)


def test_the_temperature_that_made_the_logits_is_found():
    random = np.random.default_rng(1)
    logits = random.normal(size=(20_000, 5)) * 3.0
    labels = np.array([random.choice(5, p=p) for p in bitspin.softmax(logits, 2.0)])
    found = bitspin.temperature_scale(logits, labels)
    # The standard error of ln T is 0.009 here, by the Fisher information; five of them.
    assert abs(np.log(found / 2.0)) < 0.045
    slope = [bitspin.temperature_scale(logits * scale, labels) / (found * scale) for scale in (0.5, 3.0)]
    assert np.allclose(slope, 1.0, rtol=0, atol=1e-5)
    before = bitspin.expected_calibration_error(bitspin.softmax(logits), labels)
    after = bitspin.expected_calibration_error(bitspin.softmax(logits, found), labels)
    assert after < 0.02 < 0.1 < before


def test_a_temperature_at_the_end_of_the_range_is_warned_of():
    with pytest.warns(UserWarning, match="beyond 0.05 to 20"):
        bitspin.temperature_scale([[1.0, 0.0], [0.0, 1.0]], [0, 1])


def test_calibration_bins_have_their_upper_ends():
    # Confidence 0.8 = 12 / 15 belongs to the bin (11/15, 12/15].
    p = [[0.8, 0.2], [0.79, 0.21]]
    assert np.isclose(bitspin.expected_calibration_error(p, [0, 1]), abs(1 - 0.8 - 0.79) / 2)
    assert bitspin.expected_calibration_error([[1.0, 0.0]], [0]) == 0.0


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: bitspin.softmax([1.0, np.nan]), "x: expected numbers, found NaN at index 1"),
        (lambda: bitspin.softmax([]), "x: expected at least one value along axis -1"),
        (lambda: bitspin.softmax(3.0), "x: expected at least one value along axis -1"),
        (lambda: bitspin.softmax(["a"]), "x: expected an array of numbers"),
        (lambda: bitspin.softmax([1.0, np.inf]), "x: expected a finite largest value, found inf"),
        (lambda: bitspin.boltzmann([1.0], 0.0), "temperature: expected a finite number above 0, found 0.0"),
        (lambda: bitspin.boltzmann([1.0], None), "temperature: expected a finite number above 0, found None"),
        (lambda: bitspin.entropy([0.5, 0.6]), "p: expected probabilities that sum to 1, found the sum 1.1"),
        (lambda: bitspin.entropy([1.5, -0.5]), "p: expected probabilities, found -0.5 at index 1"),
        (lambda: bitspin.kl_divergence([1.0], [0.5, 0.5]), "q: expected the shape of p, (1,), found (2,)"),
        (lambda: bitspin.temperature_scale([[0.0, 1.0]], [2]), "labels: expected classes from 0 to 1"),
        (lambda: bitspin.temperature_scale([[0.0, 1.0]], [0.5]), "labels: expected classes from 0 to 1"),
        (lambda: bitspin.temperature_scale([[0.0, 1.0]], [0, 1]), "labels: expected 1 of them, found the shape (2,)"),
        (lambda: bitspin.temperature_scale([[-np.inf, 1.0]], [0]), "logits: expected finite numbers, found -inf"),
        (lambda: bitspin.temperature_scale([0.0, 1.0], [0]), "logits: expected the shape (n_samples, n_classes)"),
        (lambda: bitspin.expected_calibration_error([[1.0]], [0], 0), "n_bins: expected an int of at least 1, found 0"),
    ],
)
def test_wrong_arguments_are_named(call, message):
    with pytest.raises(ValueError) as error:
        call()
    assert str(error.value).startswith(message)
