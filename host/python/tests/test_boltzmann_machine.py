"""Boltzmann machines: learning, likelihoods, samples and files."""

import copy
import os
import pickle
import subprocess

import numpy as np
import pandas as pd
import pytest
from exact_values import all_spins, averages
from scipy.sparse import csr_array
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from bitspin import BoltzmannMachine, IsingModel


def bars():
    """The 14 pictures of 3 x 3 whose rows, or columns, are all of one colour."""
    lines = [[(k >> i) & 1 for i in range(3)] for k in range(8)]
    pictures = {tuple(np.repeat(line, 3)) for line in lines} | {tuple(np.tile(line, 3)) for line in lines}
    return np.array(sorted(pictures))


def test_exact_learning_matches_the_moments_of_the_data():
    # 4 spins, all states with different counts: a model of pairs has the data's means and correlations.
    random = np.random.default_rng(1)
    X = random.choice([-1, 1], (300, 4), p=[0.3, 0.7])
    X[:, 1] = np.where(random.random(300) < 0.7, X[:, 0], X[:, 1])
    model = BoltzmannMachine(epochs=2000, random_state=1).fit(X)
    _, p, _, spins, correlations = averages(model.couplings_.astype(float), model.fields_.astype(float), 1.0)
    np.testing.assert_allclose(spins, X.mean(0), atol=1e-5)
    np.testing.assert_allclose(correlations, X.T @ X / 300, atol=1e-5)
    np.testing.assert_allclose(model.probabilities(), p, atol=1e-12)
    assert model.largest_gradient_[-1] < 1e-5 < model.largest_gradient_[0]


def test_likelihoods_are_those_of_an_enumeration():
    X = bars()
    model = BoltzmannMachine(n_hidden=2, epochs=40, random_state=2).fit(X)
    w, h = model.couplings_.astype(float), model.fields_.astype(float)
    _, p, _, _, _ = averages(w, h, 1.0)
    marginal = p.reshape(4, 512).sum(0)
    np.testing.assert_allclose(model.probabilities(), marginal, atol=1e-12)
    numbers = X @ (1 << np.arange(9))
    np.testing.assert_allclose(model.score_samples(X), np.log(marginal[numbers]), atol=1e-10)
    assert model.log_likelihood(X) == pytest.approx(np.log(marginal[numbers]).mean(), abs=1e-10)
    assert model.score(2 * X - 1) == model.log_likelihood(X)
    pseudo = 0.0
    for i in range(9):
        pseudo += np.log(marginal[numbers] / (marginal[numbers] + marginal[numbers ^ (1 << i)])).mean()
    assert model.pseudo_log_likelihood(X) == pytest.approx(pseudo, abs=1e-10)


@pytest.mark.parametrize("method", ["exact", "pcd", "tempering", "pseudo-likelihood", "ratio-matching", "flow"])
def test_every_method_gives_the_command_s_model(method, tmp_path):
    X = bars()
    table, out = tmp_path / "bars.csv", tmp_path / "out"
    np.savetxt(table, X, fmt="%d", delimiter=",")
    options = ["--method", method, "--hidden", "3", "--epochs", "20", "--seed", "4", "--data", table, "--out", out]
    subprocess.run([os.environ["BITSPIN"], "boltzmann", "train", *options], check=True, capture_output=True)
    model = BoltzmannMachine(method, 3, epochs=20, random_state=4).fit(X)
    path = tmp_path / "model.safetensors"
    model.save(path)
    expected = IsingModel.load(out / "model.safetensors")
    np.testing.assert_array_equal(model.couplings_.astype(float), expected.couplings.toarray())
    np.testing.assert_array_equal(model.fields_.astype(float), expected.fields)
    ours, theirs = BoltzmannMachine.load(path), BoltzmannMachine.load(out / "model.safetensors")
    assert ours.get_params() == theirs.get_params()
    assert (ours.couplings_ == theirs.couplings_).all() and ours.n_iter_ == theirs.n_iter_ == 20
    assert ours.n_features_in_ == 9 and ours.log_likelihood(X) == model.log_likelihood(X)


def test_samples_have_the_model_s_distribution():
    X = bars()
    model = BoltzmannMachine(n_hidden=4, epochs=100, random_state=1).fit(X)
    samples = model.sample(200, sweeps=100, random_state=3)
    assert samples.shape == (200, 9) and samples.dtype == np.int8 and set(np.unique(samples)) == {0, 1}
    p = model.probabilities()
    bits = (all_spins(9) + 1) // 2
    mean = p @ bits
    # Five standard errors of independent draws.
    assert (np.abs(samples.mean(0) - mean) < 5 * np.sqrt(mean * (1 - mean) / 200)).all()
    again = model.set_params(threads=1).sample(200, sweeps=100, random_state=3)
    assert (again == samples).all()


def test_one_seed_gives_one_model_at_any_number_of_threads():
    X = 2 * bars() - 1
    one = BoltzmannMachine("pcd", 5, n_chains=64, epochs=5, random_state=7, threads=1).fit(X)
    other = BoltzmannMachine("pcd", 5, n_chains=64, epochs=5, random_state=7, threads=2).fit(X[::-1])
    assert (one.couplings_ == other.couplings_).all() and (one.fields_ == other.fields_).all()
    drawn = BoltzmannMachine("pcd", 5, n_chains=64, epochs=5).fit(X)
    again = BoltzmannMachine("pcd", 5, n_chains=64, epochs=5, random_state=drawn.seed_).fit(X)
    assert (drawn.couplings_ == again.couplings_).all()
    assert one.kind_ == "spins" and set(np.unique(one.sample(20, random_state=1))) == {-1, 1}


def test_inputs_of_any_kind_are_one_data_set():
    X = bars()
    expected = BoltzmannMachine("flow", epochs=3, random_state=1).fit(X)
    for same in [X.tolist(), X.astype(bool), X.astype(np.float32), pd.DataFrame(X), csr_array(X), np.asfortranarray(X)]:
        model = BoltzmannMachine("flow", epochs=3, random_state=1).fit(same)
        assert model.kind_ == "bits" and (model.couplings_ == expected.couplings_).all()
        assert (model.score_samples(same) == expected.score_samples(X)).all()
    grey = BoltzmannMachine("flow", epochs=3, random_state=1, binarize=0.3).fit(0.2 + 0.5 * X)
    assert (grey.couplings_ == expected.couplings_).all() and grey.kind_ == "bits"


def test_copies_and_clones():
    model = BoltzmannMachine(epochs=5, random_state=1).fit(bars())
    for other in [pickle.loads(pickle.dumps(model)), copy.deepcopy(model)]:
        assert other.log_likelihood(bars()) == model.log_likelihood(bars())
    assert clone(model).get_params() == model.get_params()
    assert repr(model) == "BoltzmannMachine(epochs=5, random_state=1)"


def test_wrong_arguments_are_named():
    X = bars()
    model = BoltzmannMachine(epochs=2, random_state=1).fit(X)
    with pytest.raises(NotFittedError):
        BoltzmannMachine().sample()
    for call, message in [
        (lambda: BoltzmannMachine("cd").fit(X), "method: expected 'exact' or 'pcd'"),
        (lambda: BoltzmannMachine(n_hidden=-1).fit(X), "n_hidden: expected an int of at least 0"),
        (lambda: BoltzmannMachine(n_hidden=13).fit(X), "n_hidden: expected at most 12"),
        (lambda: BoltzmannMachine(n_hidden=20).fit(X), "method: expected pcd, tempering"),
        (lambda: BoltzmannMachine(epochs=0).fit(X), "epochs: expected an int from 1"),
        (lambda: BoltzmannMachine(learning_rate=0).fit(X), "learning_rate: expected a number above 0"),
        (lambda: BoltzmannMachine(learning_rate=np.nan).fit(X), "learning_rate: expected a finite number"),
        (lambda: BoltzmannMachine(momentum=1).fit(X), "momentum: expected a number from 0 to below 1"),
        (lambda: BoltzmannMachine("tempering", sweeps=1).fit(X), "sweeps: expected 2 to"),
        (lambda: BoltzmannMachine().fit(X + 0.5), "X: expected spins"),
        (lambda: BoltzmannMachine().fit(np.where(X, np.nan, 0)), "X: expected spins .* found NaN"),
        (lambda: BoltzmannMachine(binarize=0.5).fit(np.where(X, np.nan, 0)), "X: expected finite numbers, found NaN"),
        (lambda: BoltzmannMachine(binarize="a").fit(X), "binarize: expected a number"),
        (lambda: BoltzmannMachine().fit([[1]]), "X: expected at least 2 spins"),
        (lambda: BoltzmannMachine().fit(np.zeros((0, 3))), "0 sample"),
        (lambda: BoltzmannMachine(learning_rate=1e30).fit(X), "diverged .* learning_rate"),
        (lambda: model.score_samples(X[:, 1:]), "X has 8 features, but BoltzmannMachine is expecting 9"),
        (lambda: model.sample(0), "n_samples: expected an int from 1"),
        (lambda: BoltzmannMachine("flow", epochs=1).fit(np.eye(30)).log_likelihood(np.eye(30)), "more than 24 spins"),
        (lambda: BoltzmannMachine("flow", epochs=1).fit(np.eye(30)).probabilities(), "30 visible spins"),
    ]:
        with pytest.raises(ValueError, match=message) as raised:
            call()
        assert "\n" not in str(raised.value) and "settings" not in str(raised.value)


def test_other_files_are_refused(tmp_path):
    path = tmp_path / "model.safetensors"
    IsingModel([[0, 1], [1, 0]]).save(path)
    with pytest.raises(ValueError, match="expected a Boltzmann machine"):
        BoltzmannMachine.load(path)


def test_a_file_says_how_the_model_was_trained(tmp_path):
    X = np.random.default_rng(1).random((50, 4)) < 0.5
    model = BoltzmannMachine(epochs=5, learning_rate=0.125, random_state=1).fit(X)
    model.set_params(method="flow", learning_rate=9.0, epochs=7)
    model.save(tmp_path / "model.safetensors")
    loaded = BoltzmannMachine.load(tmp_path / "model.safetensors")
    assert (loaded.method, loaded.learning_rate, loaded.n_iter_) == ("exact", 0.125, 5)
    loaded.save(tmp_path / "again.safetensors")
    assert (tmp_path / "again.safetensors").read_bytes() == (tmp_path / "model.safetensors").read_bytes()


def test_more_draws_than_memory_holds_are_refused():
    model = BoltzmannMachine(epochs=5, random_state=1).fit(np.eye(4))
    with pytest.raises(ValueError, match="n_samples, sweeps: expected at most 200000000 draws in all, found 1500000000"):
        model.sample(1_000_000)
