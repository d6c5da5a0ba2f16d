"""RBMs: bits of the command, exact values, files of other programs."""

import copy
import itertools
import os
import pickle
import signal
import subprocess
import threading
import time

import numpy as np
import pytest
import scipy.sparse as sp
import sklearn.neural_network
from numpy.testing import assert_allclose, assert_array_equal
from scipy.special import expit, logsumexp
from sklearn.datasets import load_digits
from sklearn.exceptions import NotFittedError

import bitspin

DIGITS = (load_digits().data / 16).astype(np.float32)
BITS = (DIGITS >= 0.5).astype(np.float32)
GREY = np.random.default_rng(3).integers(0, 256, (60, 20)).astype(np.uint8)
STATES = np.array(list(itertools.product([0, 1], repeat=12)), np.float32)


def command(*arguments):
    """Run the command ``bitspin``, whose path the environment variable BITSPIN holds."""
    words = [os.environ["BITSPIN"], *map(str, arguments)]
    found = subprocess.run(words, capture_output=True, text=True)
    assert found.returncode == 0, found.stderr
    return found.stdout


def parameters(model):
    return model.components_, model.intercept_visible_, model.intercept_hidden_


def made(w, b, c):
    """A model of given parameters."""
    return bitspin.RBM.from_state_dict({"W": w, "v_bias": b, "h_bias": c}, random_state=1)


def random_model(visible, hidden, scale=1.0):
    rng = np.random.default_rng(visible + hidden)
    return made(*((scale * rng.normal(size=size)).astype(np.float32) for size in [(hidden, visible), visible, hidden]))


SETTINGS = [
    ({}, []),
    ({"preset": "quick", "n_iter": 4}, ["--preset", "quick", "--epochs", "4"]),
    (
        {"method": "pcd", "steps": 2, "final_steps": 4, "centred": True, "momentum": 0.5, "batch_size": 7, "n_iter": 5},
        "--method pcd --k 2 --k-final 4 --centred --momentum 0.5 --batch 7 --epochs 5".split(),
    ),
    (
        {"schedule": "exponential", "weight_decay": 0.01, "l1": 0.001, "visible_bias": "data", "final_batch_size": 30},
        "--lr-schedule exponential --weight-decay 0.01 --l1 0.001 --visible-bias data --batch-final 30".split(),
    ),
    (
        {"schedule": "cosine", "final_learning_rate": 0.01, "sparsity_target": 0.2, "learning_rate": 0.3},
        "--lr-schedule cosine --lr-final 0.01 --sparsity-target 0.2 --lr 0.3".split(),
    ),
    ({"decay": 0.3, "n_iter": 4, "random_state": 2**60}, "--lr-decay 0.3 --epochs 4 --seed".split() + [str(2**60)]),
]


@pytest.mark.parametrize(("arguments", "options"), SETTINGS, ids=range(len(SETTINGS)))
@pytest.mark.parametrize("kind", ["grey", "bits"])
def test_parameters_are_those_of_the_command(tmp_path, kind, arguments, options):
    X = GREY if kind == "grey" else (GREY >= 128).astype(np.uint8)
    np.save(tmp_path / "data.npy", X)
    arguments = {"n_iter": 3, "batch_size": 16, "random_state": 7, **arguments}
    if "preset" in arguments:
        del arguments["batch_size"]
    out = tmp_path / "out"
    options = [*options, "--batch", "16"] if "batch_size" in arguments and "--batch" not in options else options
    options = [*options] if "--epochs" in options else [*options, "--epochs", "3"]
    options = [*options] if "--seed" in options else [*options, "--seed", "7"]
    if "preset" in arguments:
        # A table has minibatches of 16 in the command unless it is told.
        options += ["--batch", "60"]
        arguments["batch_size"] = 60
    if kind == "bits":
        options += ["--binarise", "threshold"]
    command("rbm", "train", "--data", tmp_path / "data.npy", "--holdout", "none", "--hidden", 70, "--out", out, *options)
    expected = bitspin.RBM.load(out / "model.safetensors")
    scaled = X / np.float32(255) if kind == "grey" else X
    for threads in (1, 2):
        model = bitspin.RBM(70, threads=threads, **arguments).fit(scaled)
        for mine, theirs in zip(parameters(model), parameters(expected)):
            assert_array_equal(mine, theirs)
    assert_array_equal(bitspin.RBM(70, **arguments).fit(sp.csr_matrix(scaled)).components_, expected.components_)


def test_samples_and_files_are_those_of_the_command(tmp_path):
    model = random_model(20, 9)
    path = tmp_path / "model.safetensors"
    model.save(path)
    command("rbm", "sample", path, "--chains", 5, "--steps", 30, "--seed", 4, "--out", tmp_path / "v.npy")
    assert_array_equal(model.sample(5, 30, random_state=4), np.load(tmp_path / "v.npy"))
    loaded = bitspin.RBM.load(path)
    assert repr(loaded) == repr(model)
    for mine, theirs in zip(parameters(model), parameters(loaded)):
        assert_array_equal(mine, theirs)


@pytest.mark.parametrize("scale", [0.1, 1.0])
def test_values_are_those_of_enumeration(scale):
    model = random_model(12, 7, scale)
    w, b, c = (values.astype(np.float64) for values in parameters(model))
    fields = STATES @ w.T + c
    free = -STATES @ b - np.logaddexp(0, fields).sum(axis=1)
    ln_z = logsumexp(-free)
    assert_allclose(model.free_energy(STATES), free, rtol=1e-12)
    assert_allclose(model.score_samples(STATES), -free, rtol=1e-12)
    assert_allclose(model.transform(STATES.astype(np.float64)), expit(fields), rtol=1e-12)
    assert_allclose(model.reconstruct(STATES.astype(np.float64)), expit(expit(fields) @ w + b), rtol=1e-12)
    found = model.log_likelihood(STATES, method="exact")
    assert_allclose(found.ln_z[0], ln_z, rtol=1e-12)
    assert_allclose(float(found), np.mean(-free - ln_z), rtol=1e-12)
    pseudo = np.zeros(len(STATES))
    for i in range(12):
        flipped = STATES.copy()
        flipped[:, i] = 1 - flipped[:, i]
        other = -flipped @ b - np.logaddexp(0, flipped @ w.T + c).sum(axis=1)
        pseudo -= np.logaddexp(0, free - other)
    assert_allclose(model.pseudo_log_likelihood(STATES), pseudo, rtol=1e-11)
    annealed = model.log_likelihood(STATES, chains=500, betas=2000)
    assert annealed.doubts == []
    for end, error in [(annealed.low, annealed.low_error), (annealed.high, annealed.high_error)]:
        # Five standard errors: false alarm 6e-7.
        assert abs(end - float(found)) < 5 * error + 1e-9


def test_completion_is_the_conditional_distribution():
    model = random_model(12, 7)
    p = np.exp(-model.free_energy(STATES))
    X = np.array([[1, 0, 1, 1, np.nan, np.nan, 0, np.nan, 1, 0, 0, 1]])
    missing = np.isnan(X[0])
    fits = (STATES[:, ~missing] == X[:, ~missing]).all(axis=1)
    expected = (p[fits] @ STATES[fits]) / p[fits].sum()
    found = model.complete(np.repeat(X, 50, axis=0), steps=400)
    assert_array_equal(found[:, ~missing], np.repeat(X[:, ~missing], 50, axis=0))
    # Fifty independent chains: five standard errors, and the rounding of probabilities.
    mean, error = found.mean(axis=0), found.std(axis=0) / np.sqrt(50)
    assert (np.abs(mean - expected)[missing] < 5 * error[missing] + 1e-3).all()
    samples = model.complete(X, samples=True)
    assert np.isin(samples, (0, 1)).all()


def test_a_step_is_that_of_numpy_within_the_rounding_of_probabilities():
    X = BITS[:50]
    model = random_model(64, 16, 0.1)
    # The visible biases make p(v|h) certain, so that the chain's end is known.
    certain = np.where(np.arange(64) % 3 == 0, 30, -30).astype(np.float32)
    model = made(model.components_, certain, model.intercept_hidden_)
    w, _, c = parameters(model)
    for centred in (False, True):
        learner = copy.deepcopy(model).set_params(learning_rate=0.1, batch_size=50, method="cd", centred=centred)
        learner.partial_fit(X)
        chain = np.tile(certain > 0, (50, 1)).astype(np.float64)
        positive, negative = expit(X @ w.T + c), expit(chain @ w.T + c)
        if not centred:
            expected = w + 0.1 / 50 * (positive.T @ X - negative.T @ chain)
        else:
            # Melchior, Fischer and Wiskott 2016, Algorithm 1: offsets of the data, and 1/2 for hidden units at first.
            mu, lam = X.mean(axis=0), learner_offsets(positive)
            gradient = (positive - lam).T @ (X - mu) - (negative - lam).T @ (chain - mu)
            expected = w + 0.1 / 50 * gradient
        assert np.abs(learner.components_ - expected).max() < 0.1 * 4 / 255


def learner_offsets(positive):
    """Offsets of hidden units after the first minibatch: 1/2, moved by a hundredth towards its mean."""
    return 0.5 + 0.01 * (positive.mean(axis=0) - 0.5)


def test_training_goes_on_alike_after_a_pickle():
    arguments = {"method": "pcd", "momentum": 0.5, "centred": True, "n_iter": 2, "random_state": 0}
    model = bitspin.RBM(20, **arguments).fit(BITS)
    copies = [model, pickle.loads(pickle.dumps(model)), copy.deepcopy(model)]
    found = [each.partial_fit(BITS[:500]).partial_fit(DIGITS[:30]).components_ for each in copies]
    for other in found[1:]:
        assert_array_equal(other, found[0])
    assert model.n_iter_ == 4
    assert len(model.history_) == 4
    fresh = bitspin.RBM(20, random_state=0, n_iter=1)
    assert_array_equal(fresh.partial_fit(BITS).components_, bitspin.RBM(20, random_state=0, n_iter=1).fit(BITS).components_)


@pytest.mark.filterwarnings("ignore:state. W is tensor")
def test_other_programs_models_come_and_go():
    model = random_model(6, 4)
    w, b, c = parameters(model)
    for state in (
        model.state_dict(),
        {"rbm.weight": w, "rbm.vbias": b, "rbm.hbias": c},
        {"weight_matrix": w.T, "vbias": b, "hbias": c},
        {"components_": w, "intercept_visible_": b, "intercept_hidden_": c},
    ):
        for mine, theirs in zip((w, b, c), parameters(bitspin.RBM.from_state_dict(state))):
            assert_array_equal(mine, theirs)
    theirs = model.to_sklearn()
    assert_allclose(theirs.transform(STATES[:, :6]), model.transform(STATES[:, :6]), rtol=1e-6)
    back = bitspin.RBM.from_sklearn(theirs)
    assert_array_equal(back.components_, w)
    with pytest.raises(NotFittedError):
        bitspin.RBM.from_sklearn(sklearn.neural_network.BernoulliRBM())
    for wrong in ({}, {"W": w}, {"W": w, "v_bias": b, "h_bias": b}, {"W": w * np.nan, "v_bias": b, "h_bias": c}, [w, b, c]):
        with pytest.raises(ValueError):
            bitspin.RBM.from_state_dict(wrong)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n_components": 2.5}, "^n_components: expected an int of at least 1, found 2.5"),
        ({"method": "sgd"}, "^method: expected 'cd' or 'pcd', found 'sgd'"),
        ({"preset": "fast"}, "^preset"),
        ({"steps": 0}, "^steps"),
        ({"final_steps": 1, "steps": 2}, "^final_steps"),
        ({"learning_rate": 0.0}, "^learning_rate"),
        ({"learning_rate": np.nan}, "^learning_rate"),
        ({"schedule": "sine"}, "^schedule"),
        ({"schedule": "linear", "final_learning_rate": 1.0}, "^final_learning_rate"),
        ({"final_learning_rate": 0.1}, "^final_learning_rate"),
        ({"schedule": "linear", "decay": 0.1}, "^decay"),
        ({"decay": -1.0}, "^decay"),
        ({"momentum": 1.0}, "^momentum"),
        ({"weight_decay": -1.0}, "^weight_decay"),
        ({"l1": "a"}, "^l1"),
        ({"sparsity_target": 2.0}, "^sparsity_target"),
        ({"sparsity_target": 0.1, "sparsity_cost": -1.0}, "^sparsity_cost"),
        ({"centred": 1}, "^centred"),
        ({"visible_bias": "mean"}, "^visible_bias"),
        ({"batch_size": 70_000}, "^batch_size"),
        ({"final_batch_size": 0}, "^final_batch_size"),
        ({"n_iter": -1}, "^n_iter"),
        ({"clip": "yes"}, "^clip"),
        ({"random_state": -1}, "^random_state"),
        ({"threads": 1000}, "^threads"),
    ],
)
def test_wrong_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message) as found:
        bitspin.RBM(**arguments).fit(BITS)
    assert "\n" not in str(found.value)


def test_wrong_data_are_refused():
    with pytest.raises(NotFittedError):
        bitspin.RBM().sample()
    with pytest.raises(ValueError, match="scale X, or set clip=True"):
        bitspin.RBM().fit(DIGITS * 16)
    model = random_model(64, 5)
    for method in (model.transform, model.free_energy, model.log_likelihood, model.pseudo_log_likelihood, model.partial_fit):
        with pytest.raises(ValueError, match="NaN in row 0, column"):
            method(np.where(BITS == 1, np.nan, 0))
        with pytest.raises(ValueError, match="63 features"):
            method(BITS[:, :63])
    with pytest.raises(ValueError, match="^X: expected 0, 1 and NaN, found 0.5"):
        model.complete(np.full((1, 64), 0.5))
    with pytest.raises(ValueError, match="24"):
        random_model(30, 30).log_likelihood(np.zeros((1, 30)), method="exact")
    for kind in (bitspin.RBM, bitspin.RBMClassifier, bitspin.IsingModel, bitspin.BoltzmannMachine):
        with pytest.raises(FileNotFoundError, match="/nonexistent.safetensors"):
            kind.load("/nonexistent.safetensors")


def test_training_that_diverges_says_so():
    X = np.ones((50, 3000))
    with pytest.raises(ValueError, match="training diverged in epoch .* smaller learning_rate"):
        bitspin.RBM(2, learning_rate=1e6, n_iter=50, random_state=0).fit(X)


@pytest.mark.parametrize("call", ["fit", "sample", "log_likelihood", "complete"])
def test_an_interrupt_stops_within_a_second_and_keeps_what_was_learned(call):
    model = bitspin.RBM(64, n_iter=10**6, random_state=0)
    learned = bitspin.RBM(64, n_iter=1, random_state=0).fit(BITS)
    work = {
        "fit": lambda: model.fit(BITS),
        "sample": lambda: learned.sample(100, 10**8),
        "log_likelihood": lambda: learned.log_likelihood(BITS, chains=1000, betas=65_536),
        "complete": lambda: learned.complete(np.full((1000, 64), np.nan), steps=10**7),
    }[call]
    sent = []

    def interrupt():
        sent.append(time.monotonic())
        os.kill(os.getpid(), signal.SIGINT)

    threading.Timer(0.3, interrupt).start()
    with pytest.raises(KeyboardInterrupt):
        work()
    assert time.monotonic() - sent[0] < 1
    if call == "fit":
        assert model.n_iter_ > 0
        assert model.transform(BITS).shape == (len(BITS), 64)


def test_progress_is_shown_if_verbose(capsys):
    bitspin.RBM(4, n_iter=2, verbose=1, random_state=0).fit(BITS)
    assert "RBM" in capsys.readouterr().err


def test_values_are_those_that_pydeep_published():
    """The toy model of PyDeep's tests (Melchior, pydeep/rbm), trained on bars and stripes of 2 x 2 pixels."""
    w = np.array(
        [
            [0.12179488, 2.95950177, 0.33513356, 35.05380642],
            [0.20318085, -28.62372894, 26.52611278, 28.41793445],
            [-0.19105386, -28.58530584, -26.52747507, 28.78447320],
            [0.08953740, -59.82556859, -0.06665933, -27.71723459],
        ]
    )
    b = np.array([-19.24399659, -13.26258696, 13.25909850, 43.74408543])
    c = np.array([-0.11155958, 57.02097584, -0.13331758, -32.25991501])
    rows = np.array([[0] * 4, [1] * 4, [0] * 4, [1] * 4, [1, 1, 0, 0], [0, 0, 1, 1], [1, 0, 1, 0], [0, 1, 0, 1]])
    with pytest.warns(UserWarning, match="rounded to float32"):
        model = made(w.T, b, c)
    found = model.log_likelihood(rows, method="exact")
    # Their tolerance.
    assert found.ln_z[0] == pytest.approx(59.6749019726, abs=1e-5)
    assert found.value == pytest.approx(-1.7328699078, abs=1e-5)
    # Rows that are far from those that were learned.
    others = (model.transform(rows.astype(float)) < 0.5).astype(int)
    assert float(model.log_likelihood(others, method="exact")) == pytest.approx(-9.55929166739, abs=1e-5)
