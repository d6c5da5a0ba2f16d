"""RBMs with label units: bits of the command, exact values, classes of any kind."""

import copy
import itertools
import os
import pickle
import subprocess

import numpy as np
import pandas
import pytest
import scipy.sparse as sp
from numpy.testing import assert_allclose, assert_array_equal
from scipy.special import logsumexp, softmax
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.exceptions import NotFittedError

import bitspin

X, Y = load_digits(return_X_y=True)
X = X / 16


def command(*arguments):
    """Run the command ``bitspin``, whose path the environment variable BITSPIN holds."""
    words = [os.environ["BITSPIN"], *map(str, arguments)]
    found = subprocess.run(words, capture_output=True, text=True)
    assert found.returncode == 0, found.stderr
    return found.stdout


def random_model(features=7, hidden=5, classes=("a", "b", "c")):
    """A model of random parameters."""
    rng = np.random.default_rng(1)
    x = np.vstack([np.eye(features)[: len(classes)], np.zeros((1, features))])
    model = bitspin.RBMClassifier(hidden, n_iter=0 + 1, random_state=0).fit(x, [*classes, classes[0]])
    model._set_parameters(
        *(rng.normal(size=size).astype(np.float32) for size in [(hidden, features + len(classes)), features + len(classes), hidden])
    )
    return model


def logits_of(model, x):
    """-F(x, y) in NumPy."""
    w, u = model.components_.astype(np.float64), model.label_components_.astype(np.float64)
    linear = (x @ model.intercept_visible_.astype(np.float64))[:, None] + model.intercept_label_
    fields = x @ w.T + model.intercept_hidden_
    return linear + np.logaddexp(0, fields[:, None, :] + u.T[None]).sum(axis=2)


@pytest.mark.parametrize("objective", ["hybrid", "discriminative", "generative"])
@pytest.mark.parametrize("kind", ["grey", "bits"])
def test_parameters_are_those_of_the_command(tmp_path, objective, kind):
    rng = np.random.default_rng(2)
    x = rng.integers(0, 256, (80, 20)).astype(np.uint8)
    x = x if kind == "grey" else (x >= 128).astype(np.uint8)
    y = rng.integers(0, 3, 80).astype(np.uint8)
    np.save(tmp_path / "x.npy", x)
    np.save(tmp_path / "y.npy", y)
    options = "--holdout none --hidden 40 --epochs 3 --batch 9 --momentum 0.5 --seed 5 --visible-bias data".split()
    options += ["--binarise", "threshold"] if kind == "bits" else []
    options += ["--mix", "0.1"] if objective == "hybrid" else []
    out = tmp_path / "out"
    command(
        "rbm", "train", "--data", tmp_path / "x.npy", "--labels", tmp_path / "y.npy", "--objective", objective, "--out", out, *options
    )
    expected = bitspin.RBMClassifier.load(out / "model.safetensors")
    scaled = x / np.float32(255) if kind == "grey" else x
    arguments = {"n_iter": 3, "batch_size": 9, "momentum": 0.5, "random_state": 5, "visible_bias": "data", "mix": 0.1}
    for threads in (1, 2):
        model = bitspin.RBMClassifier(40, objective=objective, threads=threads, **arguments).fit(scaled, y)
        for mine, theirs in zip(model._parameters(), expected._parameters()):
            assert_array_equal(mine, theirs)
    assert_array_equal(model.predict(scaled), expected.predict(scaled))
    assert set(model.history_[0]) >= {"nll", "error"}
    path = tmp_path / "mine.safetensors"
    model.save(path)
    told = command("rbm", "classify", path, "--data", tmp_path / "x.npy", "--labels", tmp_path / "y.npy", "--json")
    assert '"error"' in told or "error" in told


def test_values_are_those_of_the_formulas():
    model = random_model()
    x = np.array(list(itertools.product([0, 1], repeat=7)), np.float64)
    x[5:] = np.clip(x[5:] + 0.25, 0, 0.9)
    logits = logits_of(model, x)
    assert_allclose(model._logits(x), logits, rtol=1e-12)
    assert_array_equal(model.predict(x), model.classes_[logits.argmax(axis=1)])
    assert_allclose(model.predict_proba(x), softmax(logits, axis=1), rtol=1e-10)
    assert_allclose(model.predict_log_proba(x), np.log(softmax(logits, axis=1)), rtol=1e-9)
    assert_allclose(model.score_samples(sp.csr_matrix(x)), logsumexp(logits, axis=1), rtol=1e-12)


def test_samples_are_those_of_the_label():
    model = random_model()
    states = np.array(list(itertools.product([0, 1], repeat=7)), np.float64)
    logits = logits_of(model, states)
    for at, label in enumerate(model.classes_):
        expected = softmax(logits[:, at]) @ states
        samples = model.sample(label, 4000, 50)
        # Independent chains: five standard errors, and the rounding of weights.
        error = np.sqrt(expected * (1 - expected) / 4000)
        assert (np.abs(samples.mean(axis=0) - expected) < 5 * error + 1e-3).all()
    with pytest.raises(ValueError, match="^label: expected one of .* found 'd'"):
        model.sample("d")


def test_calibration_minimises_the_negative_log_likelihood():
    model = bitspin.RBMClassifier(32, random_state=0).fit(X[:800], Y[:800])
    before = model.predict(X[800:])
    assert model.temperature_ == 1
    model.calibrate(X[800:], Y[800:])
    assert_array_equal(model.predict(X[800:]), before)

    def nll(temperature):
        model.temperature_ = temperature
        return -model.predict_log_proba(X[800:])[np.arange(len(X) - 800), Y[800:]].mean()

    best = model.temperature_
    assert nll(best) <= min(nll(0.99 * best), nll(1.01 * best))
    with pytest.raises(ValueError, match="^y: expected classes of the model, found 11"):
        model.calibrate(X[:2], [1, 11])
    with pytest.raises(ValueError, match="^y: expected 2 class labels"):
        model.calibrate(X[:2], [1])


NAMES = np.array([f"digit {k}" for k in range(10)])


@pytest.mark.parametrize(
    "y",
    [NAMES[Y], NAMES[Y].astype(object), Y * 2.0, -Y, pandas.Series(Y, dtype="category"), list(Y)],
    ids=["str", "object", "float", "negative", "category", "list"],
)
def test_classes_of_any_kind_come_back_from_a_file(tmp_path, y):
    model = bitspin.RBMClassifier(32, n_iter=30, random_state=0).fit(X, y)
    assert model.score(X, y) > 0.8
    assert_array_equal(model.classes_, np.unique(y))
    model.calibrate(X, y).save(tmp_path / "model.safetensors")
    loaded = bitspin.RBMClassifier.load(tmp_path / "model.safetensors")
    assert_array_equal(loaded.predict(X), model.predict(X))
    assert_array_equal(loaded.predict_proba(X), model.predict_proba(X))
    assert repr(loaded) == repr(model)


def test_copies_predict_alike():
    model = bitspin.RBMClassifier(16, n_iter=5, random_state=0).fit(X, Y)
    for other in (pickle.loads(pickle.dumps(model)), copy.deepcopy(model)):
        assert_array_equal(other.predict_proba(X), model.predict_proba(X))
    assert not hasattr(clone(model), "classes_")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"objective": "other"}, "^objective: expected 'generative' or 'discriminative' or 'hybrid', found 'other'"),
        ({"mix": 0.0}, "^mix"),
        ({"n_components": 0}, "^n_components"),
        ({"batch_size": 0}, "^batch_size"),
        ({"learning_rate": "fast"}, "^learning_rate"),
    ],
)
def test_wrong_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        bitspin.RBMClassifier(**arguments).fit(X, Y)


def test_wrong_data_are_refused(tmp_path):
    model = bitspin.RBMClassifier(4, n_iter=1)
    for method in (model.predict, model.predict_proba, model.score_samples):
        with pytest.raises(NotFittedError):
            method(X)
    with pytest.raises(ValueError, match="256 classes, found 300"), pytest.warns(UserWarning, match="regression"):
        model.fit(np.zeros((300, 2)), np.arange(300))
    with pytest.raises(ValueError, match="scale X, or set clip=True"):
        model.fit(X * 16, Y)
    with pytest.raises(ValueError, match="Unknown label type"):
        model.fit(X, Y + 0.1)
    with pytest.raises(ValueError, match="NaN in row 0"):
        model.fit(X, Y).predict(np.full((1, 64), np.nan))
    plain = bitspin.RBM(3, n_iter=1).fit(X)
    plain.save(tmp_path / "plain")
    model.save(tmp_path / "labelled")
    with pytest.raises(ValueError, match="use RBM.load"):
        bitspin.RBMClassifier.load(tmp_path / "plain")
    with pytest.raises(ValueError, match="use RBMClassifier.load"):
        bitspin.RBM.load(tmp_path / "labelled")
