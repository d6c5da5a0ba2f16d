"""Ctrl-C during long work with spins: it stops within a second, and what was earned is kept."""

import contextlib
import os
import signal
import threading
import time

import numpy as np
import pytest
from exact_values import random_model

from bitspin import BoltzmannMachine, Hopfield, IsingModel


@contextlib.contextmanager
def interrupted(after=0.3):
    """Raises SIGINT in this process a little later, and expects a KeyboardInterrupt within a second of it."""
    sent = []

    def send():
        sent.append(time.perf_counter())
        os.kill(os.getpid(), signal.SIGINT)

    timer = threading.Timer(after, send)
    timer.start()
    with pytest.raises(KeyboardInterrupt) as raised:
        yield raised
    assert time.perf_counter() - sent[0] < 1.0


def test_annealing():
    model = IsingModel(*random_model(100, 1))
    with interrupted() as raised:
        model.anneal(1000, 10_000_000, random_state=1)
    found = raised.value.partial_result
    assert 1 <= len(found.energies) < 1000
    assert (model.energy(found.states) == found.energies).all()


@pytest.mark.parametrize("sampler", ["glauber", "wolff", "tempering"])
def test_sampling(sampler):
    model = IsingModel(*random_model(60, 1))
    with interrupted() as raised:
        model.sample([0.1, 0.2], sampler=sampler, sweeps=5_000_000, random_state=1)
    assert len(raised.value.partial_result.betas) < 2


def test_enumeration():
    model = IsingModel(*random_model(24, 1))
    with interrupted():
        for _ in range(1000):
            model.exact(1.0)


def test_recall():
    random = np.random.default_rng(1)
    patterns, states = random.choice([-1, 1], (50, 400)), random.choice([-1, 1], (3000, 400))
    memory = Hopfield().store(patterns)
    with interrupted() as raised:
        memory.recall(states, temperature=1.0, max_sweeps=3000, random_state=1)
    found = raised.value.partial_result
    assert 1 <= len(found.states) < 3000
    assert found.overlaps.shape == (len(found.states), 50)


@pytest.mark.parametrize("rule", ["storkey", "pseudo-inverse"])
def test_storing(rule):
    patterns = np.random.default_rng(1).choice([-1, 1], (1900, 2000))
    memory = Hopfield(rule)
    with interrupted():
        memory.store(patterns)
    assert not hasattr(memory, "patterns_")


def test_learning():
    X = np.random.default_rng(1).choice([0, 1], (200, 10))
    model = BoltzmannMachine(epochs=10_000_000, random_state=1)
    with interrupted():
        model.fit(X)
    assert 1 <= model.n_iter_ == len(model.largest_gradient_) < 10_000_000
    same = BoltzmannMachine(epochs=model.n_iter_, random_state=1).fit(X)
    assert (same.couplings_ == model.couplings_).all()
    with interrupted():
        model.sample(200, sweeps=1_000_000, random_state=1)


@pytest.mark.parametrize("method", ["exact", "pcd", "tempering"])
def test_learning_by_long_steps(method):
    X = np.random.default_rng(1).choice([0, 1], (200, 24))
    model = BoltzmannMachine(method, n_chains=4096, sweeps=1000, random_state=1)
    with interrupted():
        model.fit(X)
    assert model.couplings_.shape == (24, 24)
    if model.n_iter_ == 0:
        assert not model.couplings_.any() and not model.fields_.any()
