"""Ising models: energies, annealing, sampling and enumeration."""

import copy
import pickle
import warnings

import numpy as np
import pytest
from exact_values import all_spins, averages, command, energies, random_model, write_coo
from strides import strided_otherwise

from bitspin import IsingModel


def test_energies_are_those_of_the_formula():
    w, h = random_model(9, 1)
    model = IsingModel(w, h, offset=0.5)
    states = all_spins(9)
    assert (model.energy(states) == energies(w, h, states) + 0.5).all()
    assert model.energy(states[3]) == energies(w, h, states[3:4])[0] + 0.5
    assert isinstance(model.energy(list(states[3])), float)
    assert model.energy(states[:0:-2].astype(np.float64)).shape == (256,)
    for strided in strided_otherwise(states.astype(np.float32)):
        assert (model.energy(strided) == model.energy(states)).all()


@pytest.mark.parametrize("beta", [0.0, 0.7, 3.0])
def test_exact_averages_are_those_of_an_enumeration(beta):
    w, h = random_model(8, 2)
    exact = IsingModel(w, h, offset=1.5).exact(beta, probabilities=True)
    ln_z, p, energy, spins, correlations = averages(w, h, beta)
    assert exact.ln_z == pytest.approx(ln_z - 1.5 * beta, abs=1e-12)
    assert exact.energy == pytest.approx(energy + 1.5, abs=1e-12)
    assert exact.ground_energy == energies(w, h, all_spins(8)).min() + 1.5
    assert exact.entropy == pytest.approx(-(p * np.log(p)).sum(), abs=1e-12)
    np.testing.assert_allclose(exact.magnetisations, spins, atol=1e-13)
    np.testing.assert_allclose(exact.correlations, correlations, atol=1e-13)
    np.testing.assert_allclose(exact.probabilities, p, atol=1e-15)


def test_a_single_spin_is_a_model():
    model = IsingModel([[0.0]], [1.0])
    assert model.exact(1.0).magnetisations == pytest.approx([np.tanh(1.0)])
    assert model.anneal(2, 10, random_state=1).energy == -1.0
    sampled = model.sample(1.0, sweeps=1000, random_state=1)
    assert abs(sampled.energy[0] + np.tanh(1.0)) < 5 * sampled.energy_error[0]


def test_annealing_finds_ground_states_and_says_by_which_seed():
    w, h = random_model(12, 3)
    model = IsingModel(w, h)
    ground = energies(w, h, all_spins(12)).min()
    for options in [
        {},
        {"rule": "metropolis", "schedule": "linear"},
        {"beta_range": (0.1, 5)},
        {"betas": np.linspace(0, 4, 300)},
    ]:
        found = model.anneal(6, 300, random_state=5, **options)
        assert found.energy == ground
        assert (model.energy(found.states) == found.energies).all()
        assert found.states.dtype == np.int8 and found.states.shape == (6, 12)
        assert found.hits >= 1 and (found.state == found.states[found.best]).all()
        again = model.anneal(6, 300, random_state=found.seed, threads=2, **options)
        assert (again.states == found.states).all() and (again.first_seen == found.first_seen).all()


def test_replicas_start_where_they_are_told():
    model = IsingModel.from_edges([(0, 1, 1.0), (2, 3, -1.0)])
    starts = [[-1, -1, 1, -1], [1, 1, -1, 1]]
    found = model.anneal(4, betas=[5.0], initial_states=starts, random_state=1)
    assert found.states[:2].tolist() == starts
    with pytest.raises(ValueError, match="initial_states: expected at most 1"):
        model.anneal(1, initial_states=starts)


def test_a_time_limit_ends_a_search():
    model = IsingModel(*random_model(200, 1))
    found = model.anneal(2000, 1_000_000, time_limit=0.05, random_state=1)
    assert 1 <= len(found.energies) < 2000
    assert (found.sweeps < 1_000_000).all()
    assert (model.energy(found.states) == found.energies).all()


@pytest.mark.parametrize("sampler", ["glauber", "metropolis", "wolff", "tempering"])
def test_sampled_averages_are_the_exact_ones(sampler):
    w, h = random_model(10, 4)
    w, h, betas = w / 2, h / 2, np.array([0.4, 0.8])
    found = IsingModel(w, h, offset=2.0).sample(betas, sampler=sampler, sweeps=4000, chains=4, random_state=1)
    assert found.verdict == "mixed", found.summary
    assert found.states.shape == (2, 4, 10)
    for k, beta in enumerate(betas):
        _, p, energy, _, _ = averages(w, h, beta)
        magnetisation = p @ np.abs(all_spins(10).sum(1))
        # Five standard errors: a false alarm in 1.7 million for each of 16 numbers.
        assert abs(found.energy[k] - (energy + 2.0) / 10) < 5 * found.energy_error[k]
        assert abs(found.magnetisation[k] - magnetisation / 10) < 5 * found.magnetisation_error[k]


def test_chains_that_do_not_mix_are_told():
    from sklearn.exceptions import ConvergenceWarning

    ring = IsingModel.from_edges([(i, (i + 1) % 40, 1.0 if i else -1.0) for i in range(40)])
    with pytest.warns(ConvergenceWarning, match="tempering"):
        found = ring.sample(8.0, sweeps=200, burn_in=0, random_state=1)
    assert found.verdict == "not-mixed" and "have not mixed" in found.summary


def test_temper_is_sampling_by_tempering():
    model = IsingModel(*random_model(8, 5))
    one = model.temper([0.3, 0.6], sweeps=100, random_state=2)
    other = model.sample([0.3, 0.6], sampler="tempering", sweeps=100, random_state=2, threads=1)
    assert (one.states == other.states).all() and (one.energy == other.energy).all()
    assert model.sample([0.3, 0.6], sweeps=100, random_state=2).exchange_rates is None


def test_exchange_rates_are_the_expected_ones():
    # One spin in a field: states exchange with probability min(1, exp((beta' - beta) (E' - E))).
    found = IsingModel([[0.0]], [1.0]).temper([0.2, 1.0, 1.5], sweeps=4000, random_state=1)
    for k, (hot, cold) in enumerate([(0.2, 1.0), (1.0, 1.5)]):
        up_hot, up_cold = 1 / (1 + np.exp(-2 * hot)), 1 / (1 + np.exp(-2 * cold))
        # An exchange raises the energy of the cold spin only where that is up and the hot one is down.
        rejected = (1 - up_hot) * up_cold * (1 - np.exp(-2 * (cold - hot)))
        # 16,000 attempts or so: five standard errors, doubled for their correlation.
        assert abs(found.exchange_rates[k] - (1 - rejected)) < 10 * np.sqrt(rejected / 16_000)


def test_results_are_those_of_the_command(tmp_path):
    w, h = random_model(20, 6)
    path = tmp_path / "model.txt"
    write_coo(path, w, h)
    model = IsingModel(w, h)

    expected = command("ising", "anneal", path, "--convention", "ising", "--seed", 11, "--sweeps", 50, "--replicas", 5)
    found = model.anneal(5, 50, random_state=11)
    assert found.energies.tolist() == expected["energies"]
    assert found.state.tolist() == expected["state"]
    assert (found.best, found.first_seen[found.best]) == (expected["replica"], expected["sweep"])
    assert found.beta_range == (expected["first_beta"], expected["last_beta"])

    options = ("--betas", "0.2..0.8", "--points", 3, "--sweeps", 200, "--burn-in", 20, "--chains", 4, "--seed", 3)
    for sampler in ("glauber", "metropolis", "wolff", "tempering"):
        expected = command("ising", "sample", path, "--convention", "ising", "--sampler", sampler, *options)
        betas = [point["beta"] for point in expected["points"]]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            found = model.sample(betas, sampler=sampler, sweeps=200, burn_in=20, chains=4, random_state=3)
        for k, point in enumerate(expected["points"]):
            for name in ("energy", "magnetisation", "specific_heat", "susceptibility"):
                estimate = getattr(found, name)[k], getattr(found, f"{name}_error")[k]
                assert estimate == (point[name]["mean"], point[name]["error"])
            for name in ("energy", "magnetisation"):
                convergence = point[f"{name}_convergence"]
                assert getattr(found, f"{name}_r_hat")[k] == convergence["r_hat"]
                assert getattr(found, f"{name}_effective_samples")[k] == convergence["effective_samples"]
                assert getattr(found, f"{name}_verdicts")[k] == convergence["verdict"]
        assert found.verdict == expected["convergence"]["verdict"]

    expected = command("ising", "exact", path, "--convention", "ising", "--beta", 0.5)
    found = model.exact(0.5)
    assert (found.ln_z, found.energy, found.entropy) == (
        expected["ln_z"],
        expected["mean_energy"],
        expected["entropy"],
    )
    assert found.magnetisations.tolist() == expected["mean_spin"]
    assert found.correlations.tolist() == expected["correlation"]


def test_a_qubo_and_a_cut_are_those_of_the_command(tmp_path):
    path = tmp_path / "model.qubo"
    path.write_text("p qubo 0 4 2 3\n0 0 1.5\n2 2 -2\n0 1 -1\n1 3 2.25\n2 3 0.5\n")
    terms = {(0, 0): 1.5, (2, 2): -2, (0, 1): -1, (1, 3): 2.25, (2, 3): 0.5}
    expected = command("ising", "anneal", path, "--seed", 2)
    found = IsingModel.from_qubo(terms).anneal(random_state=2)
    assert (found.energy, found.energies.tolist()) == (expected["energy"], expected["energies"])
    assert ((found.state + 1) // 2).tolist() == expected["assignment"]

    path = tmp_path / "graph.txt"
    path.write_text("4 4\n1 2 1\n2 3 2\n3 4 1\n4 1 3\n")
    weights = np.zeros((4, 4))
    for i, j, weight in [(0, 1, 1), (1, 2, 2), (2, 3, 1), (3, 0, 3)]:
        weights[i, j] = weights[j, i] = weight
    expected = command("ising", "anneal", path, "--seed", 2)
    model = IsingModel.max_cut(weights)
    found = model.anneal(random_state=2)
    assert (found.energy, model.cut(found.state)) == (expected["energy"], expected["cut"])
    assert found.state.tolist() == expected["state"]


def test_wrong_arguments_are_named():
    model = IsingModel([[0, 1], [1, 0]])
    for call, message in [
        (lambda: model.energy([1, 0]), "states: expected spins, -1 or 1, found 0"),
        (lambda: model.energy([1, 2]), r"states: .*found 2 at \[0, 1\]"),
        (lambda: model.energy([1, np.nan]), r"states: .*found NaN at \[0, 1\]"),
        (lambda: model.energy([1, 1, 1]), "states: expected 2 units per state, found 3"),
        (lambda: model.energy([[1], [1, 1]]), "states: expected rows of numbers"),
        (lambda: model.energy(np.ones((0, 2))), "states: expected at least one state"),
        (lambda: model.energy("up"), "states: expected numbers"),
        (lambda: model.anneal(0), "n_replicas: expected an int from 1"),
        (lambda: model.anneal(1, 1.5), "sweeps: expected an int from 1"),
        (lambda: model.anneal(beta_range=(0, 1)), "beta_range: expected two numbers above 0"),
        (lambda: model.anneal(beta_range=1), "beta_range: expected two numbers above 0"),
        (lambda: model.anneal(schedule="slow"), "schedule: expected 'geometric' or 'linear', found \"slow\""),
        (lambda: model.anneal(rule="wolff"), "rule: expected 'glauber' or 'metropolis'"),
        (lambda: model.anneal(betas=[1, -1]), "betas: expected at least one number, none below 0"),
        (lambda: model.anneal(betas=[np.inf]), "betas: expected finite numbers"),
        (lambda: model.anneal(time_limit=0), "time_limit: expected seconds above 0"),
        (lambda: model.anneal(random_state=-1), "random_state: expected an int from 0"),
        (lambda: model.anneal(threads=0), "threads: expected an int from 1"),
        (lambda: model.sample([1, 1]), "betas: expected ascending numbers"),
        (lambda: model.sample([]), "betas: expected ascending numbers"),
        (lambda: model.sample(sampler="gibbs"), "sampler: expected 'glauber'"),
        (lambda: model.sample(sampler="tempering"), "betas: expected at least two"),
        (lambda: model.sample(sweeps=3), "sweeps: expected an int from 4"),
        (lambda: model.sample(sweeps=10**8, chains=100), "expected at most 200000000 draws"),
        (lambda: model.exact(-1), "beta: expected a number that is not negative"),
        (lambda: model.exact(np.nan), "beta: expected a finite number"),
        (lambda: IsingModel(np.zeros((25, 25))).exact(), "at most 24 spins, found 25"),
    ]:
        with pytest.raises(ValueError, match=message) as raised:
            call()
        assert "\n" not in str(raised.value)


def test_copies_are_the_same_model():
    qubo = IsingModel.from_qubo({(0, 1): 1.0, (2, 2): -1.0})
    for model in [IsingModel(*random_model(6, 7), offset=1.0), qubo]:
        for other in [pickle.loads(pickle.dumps(model)), copy.deepcopy(model)]:
            assert repr(other) == repr(model)
            states = all_spins(model.n_spins)
            assert (other.energy(states) == model.energy(states)).all()
            assert (other.anneal(random_state=1).states == model.anneal(random_state=1).states).all()


def test_verbose_shows_a_bar_and_changes_nothing(capsys):
    model = IsingModel(*random_model(6, 7))
    shown = model.anneal(random_state=1, verbose=1)
    assert "sweeps" in capsys.readouterr().err
    assert (shown.states == model.anneal(random_state=1).states).all()
    assert capsys.readouterr().err == ""
