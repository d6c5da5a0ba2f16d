"""Hopfield memories: rules, recall and what was recalled."""

import copy
import json
import os
import pickle
import subprocess
import warnings

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from bitspin import Hopfield

RULES = ("hebb", "covariance", "pseudo-inverse", "storkey", "clipped", "dense:3", "exponential:0.5")


def random_spins(rows, units, seed):
    return np.random.default_rng(seed).choice(np.array([-1, 1], np.int8), (rows, units))


def damaged(patterns, flips, seed):
    states, random = patterns.copy(), np.random.default_rng(seed)
    for state in states:
        state[random.choice(len(state), flips, replace=False)] *= -1
    return states


def hebb_recall(patterns, state, order, sweeps):
    """Asynchronous recall in integers; returns the state, the energies and the sweeps."""
    w = patterns.T.astype(np.int64) @ patterns
    np.fill_diagonal(w, 0)
    state = state.astype(np.int64).copy()
    units = len(state)
    energy = lambda: -0.5 * (state @ w @ state) / units
    energies = [energy()]
    for _ in range(sweeps):
        before = state.copy()
        if order == "synchronous":
            field = w @ state
            state = np.where(field == 0, state, np.sign(field))
        else:
            for i in range(units):
                field = w[i] @ state
                if field:
                    state[i] = np.sign(field)
        energies.append(energy())
        if (state == before).all():
            break
    return state, energies


@pytest.mark.parametrize("motion", ["ascending", "synchronous"])
def test_recall_is_that_of_a_loop_bit_for_bit(motion):
    # Beyond capacity, where many spins flip, and below it.
    for count, units in [(5, 100), (30, 90)]:
        patterns = random_spins(count, units, 1)
        memory = Hopfield().store(patterns)
        states = np.concatenate([damaged(patterns, 20, 2), random_spins(10, units, 3)])
        found = memory.recall(states, motion=motion, max_sweeps=12, return_trace=True)
        for row, state in enumerate(states):
            expected, energies = hebb_recall(patterns, state, motion, 12)
            # A loop does not look for cycles of two states.
            steps = len(found.trace[row])
            if found.stop[row] == "two-cycle":
                expected, _ = hebb_recall(patterns, state, motion, steps - 1)
                energies = energies[:steps]
            assert (found.states[row] == expected).all()
            assert found.trace[row].tolist() == energies
            assert found.sweeps[row] == steps - 1
            assert found.energies[row] == energies[-1]
        assert (memory.energy(found.states) == found.energies).all()


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_recalls_damaged_patterns(rule):
    patterns = random_spins(5, 200, 4)
    memory = Hopfield(rule).store(patterns)
    states = damaged(patterns, 20, 5)
    for motion in ("ascending", "random", "greedy", "synchronous"):
        found = memory.recall(states, motion=motion, random_state=1, return_trace=True)
        # Units that are alike in all patterns have no couplings by the covariance rule, and keep their damage.
        coupled = np.ptp(patterns, 0) > 0 if rule == "covariance" else np.full(200, True)
        assert (found.states[:, coupled] == patterns[:, coupled]).all()
        assert (found.states[:, ~coupled] == states[:, ~coupled]).all()
        assert found.pattern.tolist() == [0, 1, 2, 3, 4]
        assert set(found.outcome) == {"pattern"} and set(found.stop) == {"fixed-point"}
        assert (found.wrong_units == (found.states != patterns).sum(1)).all()
        assert (found.nearest == found.pattern).all()
        np.testing.assert_allclose(np.diag(found.overlaps), 1 - found.wrong_units / 100, atol=1e-15)
        for trace in found.trace if motion != "synchronous" else []:
            assert (np.diff(trace) <= 1e-9).all()
        again = memory.recall(states, motion=motion, random_state=found.seed, threads=2)
        assert (again.states == found.states).all() and again.trace is None


def test_a_temperature_keeps_near_or_forgets():
    patterns = random_spins(4, 300, 6)
    memory = Hopfield().store(patterns)
    cold = memory.recall(patterns, temperature=0.2, max_sweeps=30, random_state=1)
    hot = memory.recall(patterns, temperature=20.0, max_sweeps=30, random_state=1)
    assert (np.diag(cold.overlaps) > 0.9).all() and (np.diag(hot.overlaps) < 0.5).all()
    assert set(cold.stop) == {"sweep-limit"} and (cold.sweeps == 30).all()
    again = memory.recall(patterns, temperature=20.0, max_sweeps=30, random_state=1, threads=1)
    assert (again.states == hot.states).all()


def test_what_was_recalled_is_said():
    patterns = random_spins(3, 101, 7)
    memory = Hopfield().store(patterns)
    mixture = np.sign(patterns.sum(0)).astype(np.int8)
    odd = random_spins(1, 101, 8)[0]
    found = memory.classify([patterns[1], -patterns[2], mixture, odd])
    assert found.outcome.tolist() == ["pattern", "inverse", "mixture", "spurious"]
    assert found.pattern.tolist() == [1, -1, -1, -1]
    assert found.nearest[:2].tolist() == [1, 2]
    assert found.wrong_units.tolist() == [0, 0, 0, -1]
    assert found.mixtures[:2] == [None, None]
    assert sorted(found.mixtures[2]) == [(0, False), (1, False), (2, False)]
    assert "mixture: 1" in repr(found)
    overlaps = memory.overlaps([patterns[1], odd])
    np.testing.assert_allclose(overlaps, np.array([patterns[1], odd]) @ patterns.T / 101, atol=1e-15)
    assert memory.overlaps(odd).shape == (3,)


def test_energies_of_rules():
    patterns = random_spins(4, 50, 9)
    states = random_spins(6, 50, 10)
    m = states.astype(np.int64) @ patterns.T
    hebb = -0.5 * ((m**2).sum(1) - 4 * 50) / 50
    np.testing.assert_allclose(Hopfield().store(patterns).energy(states), hebb, rtol=1e-14)
    exponential = -np.log(np.exp(0.1 * m).sum(1)) / 0.1
    found = Hopfield("exponential:0.1").store(patterns).energy(states)
    np.testing.assert_allclose(found, exponential, rtol=1e-12)
    s = patterns.sum(0)
    covariance = 4 * patterns.T.astype(float) @ patterns - np.outer(s, s)
    np.fill_diagonal(covariance, 0)
    expected = -0.5 * np.einsum("ai,ij,aj->a", states, covariance, states) / (4 * 50)
    np.testing.assert_allclose(Hopfield("covariance").store(patterns).energy(states), expected, rtol=1e-12)
    single = Hopfield().store(patterns).energy(states[0])
    assert isinstance(single, float) and single == pytest.approx(hebb[0])


def test_results_have_the_kind_of_numbers_that_was_stored():
    spins = random_spins(3, 60, 11)
    bits = (spins + 1) // 2
    of_spins = Hopfield().store(spins)
    for patterns in [bits, bits.astype(bool), bits.tolist(), pd.DataFrame(bits), bits.astype(float)]:
        memory = Hopfield().store(patterns)
        assert memory.kind_ == "bits" and (memory.patterns_ == bits).all()
        for states in [damaged(spins, 5, 1), (damaged(spins, 5, 1) + 1) // 2]:
            assert (memory.recall(states).states == bits).all()
            assert (of_spins.recall(states).states == spins).all()
    assert (Hopfield().store(scipy.sparse.csr_array(bits)).recall(scipy.sparse.coo_array(bits)).states == bits).all()
    ones = Hopfield().store(np.ones(10))
    assert ones.kind_ == "spins" and ones.recall(np.ones(10)).states.tolist() == [[1] * 10]
    assert Hopfield().store(np.ones(10, bool)).kind_ == "bits"


def test_patterns_are_added():
    patterns = random_spins(6, 80, 12)
    for rule in RULES:
        together = Hopfield(rule).store(patterns)
        one_by_one = Hopfield(rule)
        for pattern in patterns:
            one_by_one.store(pattern)
        assert (one_by_one.patterns_ == patterns).all()
        states = random_spins(5, 80, 13)
        assert (one_by_one.energy(states) == together.energy(states)).all()
        assert (one_by_one.recall(states).states == together.recall(states).states).all()


def test_inputs_are_not_changed_and_may_be_read_only():
    patterns, states = random_spins(3, 40, 1), random_spins(5, 40, 2)
    patterns.setflags(write=False)
    states.setflags(write=False)
    before = states.copy()
    memory = Hopfield().store(np.asfortranarray(patterns))
    memory.recall(states[::2])
    assert (states == before).all()
    assert (memory.patterns_ == patterns).all() and memory.patterns_ is not patterns


def test_copies_recall_alike():
    patterns = random_spins(4, 50, 3)
    memory = Hopfield("storkey").store(patterns)
    states = random_spins(5, 50, 4)
    for other in [pickle.loads(pickle.dumps(memory)), copy.deepcopy(memory)]:
        assert (other.recall(states).states == memory.recall(states).states).all()
    empty = clone(memory)
    assert empty.rule == "storkey" and not hasattr(empty, "patterns_")
    assert repr(memory) == "Hopfield(rule='storkey')"
    memory.set_params(rule="hebb")
    assert (memory.energy(states) == Hopfield().store(patterns).energy(states)).all()


def test_alike_patterns_are_told():
    patterns = random_spins(3, 30, 5)
    with pytest.warns(UserWarning, match="patterns 0 and 3 are equal"):
        memory = Hopfield().store([*patterns, patterns[0]])
    with pytest.warns(UserWarning, match="patterns 1 and 4 are complements of each other; rule hebb stores them as one"):
        memory.store(-patterns[1])
    with pytest.warns(UserWarning, match="rule dense:3 stores neither"):
        Hopfield("dense:3").store([patterns[0], -patterns[0]])


def test_wrong_arguments_are_named():
    patterns = random_spins(3, 20, 1)
    memory = Hopfield().store(patterns)
    with pytest.raises(NotFittedError, match="call 'store' first"):
        Hopfield().recall(patterns)
    for call, message in [
        (lambda: Hopfield("hebbian").store(patterns), "rule: expected hebb, covariance"),
        (lambda: Hopfield("dense:1").store(patterns), "rule: expected hebb"),
        (lambda: Hopfield(3).store(patterns), "rule: expected a str, found 3"),
        (lambda: Hopfield().store([[0, 1, -1]]), "patterns: expected spins .* found both -1 and 0"),
        (lambda: Hopfield().store([[0, 2]]), r"patterns: .*found 2 at \[0, 1\]"),
        (lambda: Hopfield().store([[1, np.nan]]), r"patterns: .*found NaN at \[0, 1\]"),
        (lambda: Hopfield().store([1]), "patterns: expected at least 2 units, found 1"),
        (lambda: Hopfield().store([]), "patterns: expected at least one state"),
        (lambda: Hopfield().store(np.ones((2, 2, 2))), "patterns: expected one state or rows"),
        (lambda: Hopfield("pseudo-inverse").store([patterns[0], patterns[0]]), "patterns 0 and 1 are the same"),
        (lambda: memory.store((patterns + 1) // 2), "patterns: expected spins, as those that are stored, found bits"),
        (lambda: memory.store(patterns[:, 1:]), "patterns: expected 20 units per state, found 19"),
        (lambda: memory.recall(patterns[:, 1:]), "states: expected 20 units per state, found 19"),
        (lambda: memory.recall(patterns, motion="glauber"), "motion: expected 'ascending' or"),
        (lambda: memory.recall(patterns, temperature=-1), "temperature: expected a number from 0"),
        (lambda: memory.recall(patterns, temperature=np.nan), "temperature: expected a finite number"),
        (lambda: memory.recall(patterns, temperature=1, motion="greedy"), "motion: expected 'ascending' at a temp"),
        (lambda: Hopfield("exponential").store(patterns).recall(patterns, temperature=1), "temperature: expected 0"),
        (lambda: memory.recall(patterns, max_sweeps=0), "max_sweeps: expected an int from 1"),
    ]:
        with pytest.raises(ValueError, match=message) as raised:
            call()
        assert "\n" not in str(raised.value)
    assert len(memory.patterns_) == 3


def test_recall_is_that_of_the_command(tmp_path):
    """Of undamaged patterns, past capacity: sweeps, outcomes and overlaps."""
    size = 12
    files = []
    patterns = []
    for k, pattern in enumerate(random_spins(30, size * size, 14)):
        path = tmp_path / f"{k:02}.png"
        path.write_bytes(png(pattern.reshape(size, size)))
        files.append(str(path))
        patterns.append(pattern)
    options = ["--rule", "hebb", "--noise", "0", "--seed", "3", "--order", "random", "--json"]
    run = [os.environ["BITSPIN"], "hopfield", "recall", "--pictures", *files, *options]
    expected = json.loads(subprocess.run(run, check=True, capture_output=True, text=True).stdout)
    found = Hopfield().store(patterns).recall(patterns, motion="random", random_state=3)
    for k, row in enumerate(expected["recalls"]):
        assert (found.sweeps[k], found.stop[k]) == (row["sweeps"], row["stop"])
        assert found.overlaps[k, k] == pytest.approx(row["overlap_after"], abs=1e-12)
        assert found.outcome[k] == row["recalled"]["kind"]


def png(pattern):
    """A grey picture, white where a spin is +1."""
    import struct
    import zlib

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    rows = b"".join(b"\0" + bytes(255 if spin > 0 else 0 for spin in row) for row in pattern)
    header = struct.pack(">IIBBBBB", pattern.shape[1], pattern.shape[0], 8, 0, 0, 0, 0)
    data = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + data


def test_a_warning_that_is_an_error_leaves_a_whole_memory():
    patterns = random_spins(3, 40, 1)
    memory = Hopfield().store(patterns[:2])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(UserWarning, match="patterns 0 and 2 are equal"):
            memory.store(patterns[:1])
    assert len(memory.patterns_) == 3
    with pytest.warns(UserWarning):
        expected = Hopfield().store(patterns[[0, 1, 0]])
    assert (memory.energy(patterns) == expected.energy(patterns)).all()
    assert memory.overlaps(patterns).shape == (3, 3)
