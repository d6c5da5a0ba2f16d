"""The sampler for dimod."""

import math
import unittest

import dimod
import dimod.testing
import networkx as nx
import numpy as np
import pytest
from exact_values import random_model
from test_spins_interrupted import interrupted

import bitspin
from bitspin.dimod import BitspinSampler, default_beta_range


@dimod.testing.load_sampler_bqm_tests(BitspinSampler)
class TestOfDimod(unittest.TestCase):
    def test_api(self):
        dimod.testing.assert_sampler_api(BitspinSampler())


@pytest.mark.parametrize("vartype", ["SPIN", "BINARY"])
def test_ground_states_are_those_of_an_exact_solver(vartype):
    random = np.random.default_rng(1)
    for _ in range(20):
        n = int(random.integers(1, 11))
        labels = [("x", i) if i % 2 else str(i) for i in range(n)]
        linear = {label: float(random.normal()) for label in labels}
        quadratic = {(u, v): float(random.normal()) for i, u in enumerate(labels) for v in labels[:i]}
        bqm = dimod.BinaryQuadraticModel(linear, quadratic, float(random.normal()), vartype)
        found = BitspinSampler().sample(bqm, num_reads=8, num_sweeps=200, seed=1)
        dimod.testing.assert_response_energies(found, bqm)
        assert found.vartype is bqm.vartype and set(found.variables) == set(labels)
        assert found.first.energy == pytest.approx(dimod.ExactSolver().sample(bqm).first.energy, abs=1e-12)


def test_biases_of_any_number_type():
    for dtype in (np.float32, np.float64, object):
        bqm = dimod.BinaryQuadraticModel({0: 1, 1: -2}, {(0, 1): 3}, 1, "BINARY", dtype=dtype)
        assert BitspinSampler().sample(bqm, num_reads=3, seed=1).first.energy == -1


def test_one_seed_gives_one_result_at_any_number_of_threads():
    bqm = dimod.generators.ran_r(3, 40, seed=1)
    one = BitspinSampler().sample(bqm, num_reads=40, num_sweeps=20, seed=5, threads=1)
    other = BitspinSampler().sample(bqm, num_reads=40, num_sweeps=20, seed=5, threads=2)
    assert (one.record.sample == other.record.sample).all()
    model = bitspin.IsingModel.from_bqm(bqm)
    same = model.anneal(40, 20, beta_range=one.info["beta_range"], rule="metropolis", random_state=5)
    assert (one.record.sample == same.states).all()
    drawn = BitspinSampler().sample(bqm, num_reads=40, num_sweeps=20)
    again = BitspinSampler().sample(bqm, num_reads=40, num_sweeps=20, seed=drawn.info["seed"])
    assert (drawn.record.sample == again.record.sample).all()


def test_betas_are_those_asked_for_and_told():
    bqm = dimod.BQM.from_ising({"a": 1.0}, {"ab": -1.0})
    sampler = BitspinSampler()
    for options, expected in [
        ({}, default_beta_range(bqm)),
        ({"beta_range": [0.5, 3]}, (0.5, 3)),
        ({"beta_range": (0, 3), "beta_schedule_type": "linear"}, (0, 3)),
        ({"beta_schedule": [0.0, 2.0, 1.0], "beta_schedule_type": "custom"}, (0, 1)),
        ({"beta_schedule": np.array([1, 2]), "beta_schedule_type": "custom", "num_sweeps_per_beta": 3}, (1, 2)),
        ({"num_sweeps": 20, "num_sweeps_per_beta": 5}, default_beta_range(bqm)),
        ({"proposal_acceptance_criteria": "Gibbs"}, default_beta_range(bqm)),
    ]:
        found = sampler.sample(bqm, seed=1, **options)
        assert tuple(found.info["beta_range"]) == expected
        assert found.first.energy == -2.0
        assert set(found.info["timing"]) == {"preprocessing_ns", "sampling_ns", "postprocessing_ns"}


def test_schedules_of_several_sweeps_per_beta_are_their_lists():
    bqm = dimod.generators.ran_r(2, 20, seed=2)
    sampler, options = BitspinSampler(), {"num_reads": 10, "seed": 3, "beta_range": (0.1, 2.0)}
    for kind, space in [("linear", np.linspace), ("geometric", np.geomspace)]:
        one = sampler.sample(bqm, num_sweeps=12, num_sweeps_per_beta=3, beta_schedule_type=kind, **options)
        betas = np.repeat(space(0.1, 2.0, 4), 3)
        other = sampler.sample(bqm, beta_schedule=betas, beta_schedule_type="custom", num_reads=10, seed=3)
        assert (one.record.sample == other.record.sample).all()


def test_the_default_betas_follow_from_the_largest_field_and_the_smallest_gap():
    bqm = dimod.BQM.from_ising({"a": 1.0, "c": 0.75}, {"ab": -2.0, "bc": 1.0})
    # Spin b feels up to 3; the smallest gap, of c, is 0.75, as its field.
    assert default_beta_range(bqm) == pytest.approx((math.log(2) / 6, math.log(100) / 1.5))
    regular = dimod.BQM.from_ising({}, {edge: 1.0 for edge in nx.random_regular_graph(3, 50, seed=1).edges})
    assert default_beta_range(regular) == pytest.approx((math.log(2) / 6, math.log(5000) / 2))
    assert default_beta_range(regular.change_vartype("BINARY", inplace=False)) == pytest.approx(
        default_beta_range(regular)
    )
    # A gap of a millionth is less than a spin of typical field can tell.
    tiny = dimod.BQM.from_ising({"a": 1e-6}, {"ab": 1.0})
    typical = math.sqrt((1 + 1e-12 + 1) / 2)
    assert default_beta_range(tiny) == pytest.approx((math.log(2) / (2 + 2e-6), math.log(100) * 2 / typical))
    assert default_beta_range(dimod.BQM.from_ising({"a": 0}, {})) == (0.1, 1.0)
    assert default_beta_range(dimod.BQM("SPIN")) == (0.1, 1.0)


def test_reads_start_where_they_are_told():
    bqm = dimod.BQM.from_ising({}, {("a", "b"): -1.0, ("c", "d"): 1.0})
    sampler = BitspinSampler()
    starts = [{"a": -1, "b": -1, "c": 1, "d": -1}, {"d": 1, "c": -1, "b": 1, "a": 1}]
    cold = {"beta_schedule_type": "custom", "beta_schedule": [10.0], "seed": 1}
    found = sampler.sample(bqm, initial_states=starts, **cold)
    assert list(found.samples(sorted_by=None)) == starts
    tiled = sampler.sample(bqm, initial_states=starts, initial_states_generator="tile", num_reads=5, **cold)
    assert list(tiled.samples(sorted_by=None)) == [*starts, *starts, starts[0]]
    assert len(sampler.sample(bqm, initial_states=starts, num_reads=7, **cold)) == 7
    assert len(sampler.sample(bqm, initial_states=starts, num_reads=1, **cold)) == 1
    bits = bqm.change_vartype("BINARY", inplace=False)
    found = sampler.sample(bits, initial_states=starts, **cold)
    assert list(found.samples(sorted_by=None)) == [{v: (s + 1) // 2 for v, s in start.items()} for start in starts]
    with pytest.raises(ValueError, match="insufficient number"):
        sampler.sample(bqm, initial_states=starts, initial_states_generator="none", num_reads=5)
    with pytest.raises(ValueError, match="unknown value"):
        sampler.sample(bqm, initial_states=starts, initial_states_generator="some")
    with pytest.raises(ValueError, match="mismatch between variables"):
        sampler.sample(bqm, initial_states={"a": 1})


def test_sampling_ends_when_told_to():
    bqm = bitspin.IsingModel(*random_model(300, 1)).to_bqm()
    sampler, long = BitspinSampler(), {"num_reads": 500, "num_sweeps": 10_000_000, "seed": 1}
    calls = []
    found = sampler.sample(bqm, interrupt_function=lambda: calls.append(0) or len(calls) > 1, **long)
    assert 1 <= len(found) < 500 and len(calls) >= 2
    dimod.testing.assert_response_energies(found, bqm)
    found = sampler.sample(bqm, time_limit=0.1, **long)
    assert 1 <= len(found) < 500
    assert found.info["timing"]["sampling_ns"] < 5e9

    def broken():
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        sampler.sample(bqm, interrupt_function=broken, **long)


def test_an_interrupt_keeps_the_samples():
    bqm = bitspin.IsingModel(*random_model(300, 1)).to_bqm()
    with interrupted() as raised:
        BitspinSampler().sample(bqm, num_reads=500, num_sweeps=10_000_000, seed=1)
    found = raised.value.partial_result
    assert 1 <= len(found) < 500
    dimod.testing.assert_response_energies(found, bqm)


def test_more_work_than_memory_holds_is_refused():
    bqm = dimod.BQM.from_ising({"a": 1.0}, {"ab": 1.0})
    with pytest.raises(ValueError, match="'num_reads' should be a positive integer up to 1000000"):
        BitspinSampler().sample(bqm, num_reads=10**12)
    custom = {"beta_schedule_type": "custom", "beta_schedule": [0.1, 1.0]}
    with pytest.raises(ValueError, match="num_sweeps_per_beta: expected at most 100000000 sweeps in all, found 4294967296"):
        BitspinSampler().sample(bqm, num_sweeps_per_beta=2**31, **custom)


def test_wrong_arguments_are_named():
    bqm = dimod.BQM.from_ising({}, {"ab": 1.0})
    sampler = BitspinSampler()
    for options, error, message in [
        ({"num_reads": 0}, ValueError, "'num_reads' should be a positive integer"),
        ({"num_reads": 1.5}, TypeError, "'num_reads' should be a positive integer"),
        ({"num_sweeps": 0}, ValueError, "'num_sweeps' should be a positive integer"),
        ({"num_sweeps": 10, "num_sweeps_per_beta": 3}, ValueError, "num_sweeps: expected a multiple"),
        ({"seed": -1}, ValueError, "'seed' should be an integer"),
        ({"seed": "a"}, TypeError, "'seed' should be None or an integer"),
        ({"beta_range": (0, 1)}, ValueError, "beta_range: expected two numbers"),
        ({"beta_range": (1, 2, 3)}, ValueError, "beta_range: expected two numbers"),
        ({"beta_range": (1, math.nan)}, ValueError, "beta_range: expected finite numbers"),
        ({"beta_schedule": [1.0]}, ValueError, "beta_schedule: expected None unless"),
        ({"beta_schedule_type": "custom"}, ValueError, "beta_schedule: expected inverse temperatures"),
        ({"beta_schedule_type": "log"}, ValueError, "beta_schedule_type: expected"),
        (
            {"beta_schedule_type": "custom", "beta_schedule": [1.0], "num_sweeps": 3},
            ValueError,
            "num_sweeps: expected None or 1",
        ),
        ({"interrupt_function": 3}, TypeError, "'interrupt_function' should be a callable"),
        ({"proposal_acceptance_criteria": "Glauber"}, ValueError, "proposal_acceptance_criteria: expected"),
        ({"time_limit": -1}, ValueError, "time_limit: expected seconds above 0"),
    ]:
        with pytest.raises(error, match=message):
            sampler.sample(bqm, **options)
    for extreme in (1.7e308, 5e-324):
        huge = dimod.BQM.from_ising({"a": extreme}, {"ab": extreme})
        with pytest.raises(ValueError, match="bqm: expected biases that are neither too small nor too large"):
            sampler.sample(huge)
    with pytest.raises(ValueError, match="bqm: expected finite numbers"):
        sampler.sample(dimod.BQM.from_ising({"a": math.nan}, {}))
    with pytest.warns(dimod.exceptions.SamplerUnknownArgWarning, match="randomize_order"):
        sampler.sample(bqm, randomize_order=True)
