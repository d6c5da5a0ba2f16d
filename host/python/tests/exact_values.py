"""Exact averages of small Ising models by NumPy, and the command that other results are compared with."""

import itertools
import json
import os
import subprocess

import numpy as np


def all_spins(n):
    """Every state of n spins; bit i of a row's number is set where spin i is +1."""
    bits = np.array(list(itertools.product((0, 1), repeat=n)), dtype=np.int8)[:, ::-1]
    return 2 * bits - 1


def energies(w, h, states):
    states = np.asarray(states, dtype=np.float64)
    return -0.5 * np.einsum("ai,ij,aj->a", states, w, states) - states @ h


def averages(w, h, beta):
    """ln Z, probabilities, mean energy, mean spins and correlations."""
    states = all_spins(len(h))
    e = energies(w, h, states)
    exponents = -beta * e
    ln_z = exponents.max() + np.log(np.exp(exponents - exponents.max()).sum())
    p = np.exp(exponents - ln_z)
    spins = states.astype(np.float64)
    return ln_z, p, p @ e, p @ spins, np.einsum("a,ai,aj->ij", p, spins, spins)


def random_model(n, seed):
    """Couplings and fields that are multiples of 1/8, so that energies are exact."""
    random = np.random.default_rng(seed)
    w = np.triu(random.integers(-8, 9, (n, n)) / 8, 1)
    return w + w.T, random.integers(-8, 9, n) / 8


def command(*arguments):
    """The JSON that the bitspin command prints."""
    run = subprocess.run(
        [os.environ["BITSPIN"], *map(str, arguments), "--json"], check=True, capture_output=True, text=True
    )
    return json.loads(run.stdout)


def write_coo(path, w, h):
    """A model as a COO list that is read with the convention ising."""
    lines = [f"{i} {i} {h[i]!r}" for i in range(len(h))]
    lines += [f"{i} {j} {w[i, j]!r}" for i in range(len(h)) for j in range(i) if w[i, j]]
    path.write_text("\n".join(line.replace("np.float64(", "").replace(")", "") for line in lines) + "\n")
