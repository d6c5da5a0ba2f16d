"""The drop-in for scikit-learn's RBM, beyond scikit-learn's own tests."""

import copy
import os
import pickle
import signal
import threading
import time

import numpy as np
import pandas
import pytest
import scipy.sparse as sp
import sklearn.neural_network
from scipy.special import expit
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.exceptions import NotFittedError

import bitspin

DIGITS = (load_digits().data / 16).astype(np.float32)
BITS = (DIGITS >= 0.5).astype(np.float32)


def test_parameters_are_scikit_learns():
    theirs = sklearn.neural_network.BernoulliRBM().get_params()
    mine = bitspin.BernoulliRBM().get_params()
    assert {name: mine[name] for name in theirs} == theirs
    assert set(mine) - set(theirs) == {"threads", "clip"}
    assert isinstance(bitspin.BernoulliRBM(), sklearn.neural_network.BernoulliRBM)


@pytest.mark.parametrize("X", [DIGITS, BITS, sp.csr_matrix(DIGITS)], ids=["real", "bits", "sparse"])
def test_methods_follow_scikit_learns_formulas(X):
    mine = bitspin.BernoulliRBM(33, n_iter=3, random_state=3).fit(X)
    theirs = sklearn.neural_network.BernoulliRBM(33, random_state=3)
    for name in ("components_", "intercept_hidden_", "intercept_visible_"):
        setattr(theirs, name, getattr(mine, name).astype(np.float64))
    theirs.n_features_in_ = 64
    double = X.astype(np.float64)
    np.testing.assert_allclose(mine.transform(double), theirs.transform(double), rtol=1e-12)
    single = mine.transform(X)
    assert single.dtype == np.float32
    # In float32, with the error that the library states.
    expected = theirs.transform(double)
    terms = np.abs(double) @ np.abs(theirs.components_).T + np.abs(theirs.intercept_hidden_)
    assert (np.abs(single - expected) <= 2.0**-25 * (64 + 2) * terms + 2.0**-22 * expected).all()
    np.testing.assert_allclose(mine.score_samples(X), theirs.score_samples(double), rtol=1e-9, atol=1e-9)
    np.testing.assert_array_equal(mine.transform(X), mine.set_params(threads=3).transform(X))


def test_parameters_of_float64_are_taken_as_they_are():
    mine = bitspin.BernoulliRBM(5, n_iter=1, random_state=0).fit(DIGITS.astype(np.float64))
    mine.components_ = mine.components_ + 1e-12
    theirs = sklearn.neural_network.BernoulliRBM(random_state=0)
    vars(theirs).update({name: value for name, value in vars(mine).items() if name.endswith("_")})
    np.testing.assert_array_equal(mine.transform(DIGITS), theirs.transform(DIGITS))
    np.testing.assert_array_equal(mine.score_samples(DIGITS), theirs.score_samples(DIGITS))


@pytest.mark.parametrize("X", [DIGITS, BITS], ids=["real", "bits"])
def test_results_do_not_depend_on_threads(X):
    fitted = [bitspin.BernoulliRBM(130, batch_size=50, n_iter=2, random_state=1, threads=t).fit(X) for t in (1, 2, 3)]
    for other in fitted[1:]:
        for name in ("components_", "intercept_hidden_", "intercept_visible_", "h_samples_"):
            np.testing.assert_array_equal(getattr(fitted[0], name), getattr(other, name))


@pytest.mark.parametrize("shape", [(2, 1), (2, 64), (7, 3), (1, 5), (11, 2)])
@pytest.mark.parametrize("batch_size", [1, 2, 10, 100, 100_000])
def test_every_shape_trains_on_every_row(shape, batch_size):
    X = np.ones(shape)
    model = bitspin.BernoulliRBM(3, batch_size=batch_size, n_iter=20, learning_rate=0.5, random_state=0).fit(X)
    assert model.h_samples_.shape == (batch_size, 3)
    assert (model.intercept_visible_ > 0).all()
    model.partial_fit(X)


def test_a_step_is_scikit_learns_within_the_rounding_of_probabilities():
    X = BITS[:20]
    model = bitspin.BernoulliRBM(16, batch_size=20, learning_rate=0.1, random_state=5).partial_fit(X)
    rng = np.random.default_rng(2)
    # Visible units of the chains are certain, whatever the chains.
    certain = np.where(rng.random(64) < 0.5, 30.0, -30.0)
    w, c = rng.normal(0, 0.1, (16, 64)).astype(np.float32), rng.normal(0, 0.5, 16).astype(np.float32)
    model.components_, model.intercept_hidden_, model.intercept_visible_ = w.copy(), c.copy(), certain.astype(np.float32)
    model.partial_fit(X)
    chain = np.tile(certain > 0, (20, 1)).astype(float)
    positive, negative = expit(X @ w.T + c), expit(chain @ w.T + c)
    # Probabilities have 8 bits, and fields those of the weights: at most 1/255 together.
    bound = 0.1 * 2 / 255
    expected = w + 0.1 / 20 * (positive.T @ X - negative.T @ chain)
    assert np.abs(model.components_ - expected).max() < bound
    expected = c + 0.1 / 20 * (positive - negative).sum(axis=0)
    assert np.abs(model.intercept_hidden_ - expected).max() < bound
    expected = certain + 0.1 / 20 * (X - chain).sum(axis=0)
    np.testing.assert_allclose(model.intercept_visible_, expected, rtol=1e-6)


def test_chains_persist_and_grow():
    model = bitspin.BernoulliRBM(8, batch_size=4, random_state=0)
    assert model.partial_fit(BITS[:4]) is model
    assert model.h_samples_.shape == (4, 8)
    model.partial_fit(BITS[:9])
    assert model.h_samples_.shape == (9, 8)
    kept = model.h_samples_[2:].copy()
    model.partial_fit(BITS[:2])
    np.testing.assert_array_equal(model.h_samples_[2:], kept)


def test_pickles_and_copies_go_on_alike():
    model = bitspin.BernoulliRBM(8, random_state=0).partial_fit(BITS[:10])
    copies = [model, pickle.loads(pickle.dumps(model)), copy.deepcopy(model)]
    weights = [each.partial_fit(BITS[10:20]).components_ for each in copies]
    for other in weights[1:]:
        np.testing.assert_array_equal(other, weights[0])
    assert not hasattr(clone(model), "components_")


def test_an_interrupt_keeps_what_was_learned():
    model = bitspin.BernoulliRBM(64, n_iter=10**6, random_state=0)
    sent = []

    def interrupt():
        sent.append(time.monotonic())
        os.kill(os.getpid(), signal.SIGINT)

    threading.Timer(0.3, interrupt).start()
    with pytest.raises(KeyboardInterrupt):
        model.fit(BITS)
    assert time.monotonic() - sent[0] < 1
    start = np.random.RandomState(0).normal(0, 0.01, (64, 64))
    assert np.abs(model.components_ - start).max() > 0.05
    assert model.transform(BITS).shape == (len(BITS), 64)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n_components": 0}, "n_components"),
        ({"learning_rate": -1}, "learning_rate"),
        ({"batch_size": 0}, "batch_size"),
        ({"threads": 0}, "threads"),
        ({"clip": 3}, "clip"),
        ({"random_state": "x"}, "random_state"),
        ({"n_components": 70_000}, "65536"),
    ],
)
def test_wrong_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        bitspin.BernoulliRBM(**arguments).fit(BITS)


def test_wrong_data_are_refused():
    model = bitspin.BernoulliRBM(4, n_iter=1)
    with pytest.raises(NotFittedError):
        model.transform(BITS)
    with pytest.raises(ValueError, match="scale X, or set clip=True"):
        model.fit(load_digits().data)
    model.fit(BITS)
    with pytest.raises(ValueError, match="63 features"):
        model.transform(BITS[:, :63])
    for wrong in (np.zeros((0, 64)), np.zeros((3, 0)), np.zeros(64), [["a"] * 64], np.zeros((2, 64), complex)):
        with pytest.raises(ValueError):
            model.fit(wrong)
    for method in (model.transform, model.score_samples, model.fit, model.partial_fit):
        with pytest.raises(ValueError, match="NaN"):
            method(np.where(BITS[:5] == 1, np.nan, 0))


def test_the_callers_array_stays():
    for X in (DIGITS.copy(), BITS.astype(np.uint8), sp.csr_matrix(DIGITS)):
        kept = X.copy()
        if not sp.issparse(X):
            X.flags.writeable = False
        model = bitspin.BernoulliRBM(4, n_iter=1, random_state=0, clip=True).fit(X)
        model.partial_fit(X), model.transform(X), model.score_samples(X)
        assert (X != kept).sum() == 0


def test_gibbs_takes_what_the_other_methods_take():
    model = bitspin.BernoulliRBM(4, n_iter=1, random_state=0).fit(BITS)
    for v in (BITS.tolist(), pandas.DataFrame(BITS), sp.csc_matrix(BITS), BITS.astype(bool)):
        found = model.gibbs(v)
        assert found.shape == BITS.shape
        assert found.dtype == bool
    with pytest.raises(ValueError, match="NaN"):
        model.gibbs(np.full((1, 64), np.nan))
