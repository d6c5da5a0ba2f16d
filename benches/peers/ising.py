#!/usr/bin/env python3
"""Times Ising sweeps on one thread: bitspin and dwave-samplers in turn, on one model by one schedule.

The model has couplings of +1 or -1 between all pairs of spins. Both anneal by Metropolis's rule in ascending order,
bitspin with an acceptance of 7/8 at most, from random states, one sweep per temperature, temperatures by equal factors. Seconds are those of sampling alone. Then, of
bitspin, sweeps of an L x L lattice in 64 replicas of one bit. Prints a table, and writes benches/record/ising.json.

    benches/peers/ising.py      (adds numpy and dwave-samplers to target/peers, unless --python has them)
"""
import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile

import machine

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--spins", metavar="N", type=int, default=1024, help="spins of the dense model [1024]")
parser.add_argument("--sweeps", metavar="N", type=int, default=1000, help="sweeps [1000]")
parser.add_argument("--reads", metavar="N", type=int, default=4, help="replicas [4]")
parser.add_argument("--betas", metavar="BETA", type=float, nargs=2, default=[0.003, 0.5], help="first and last [0.003 0.5]")
parser.add_argument("--side", metavar="L", type=int, default=64, help="side of the lattice [64]")
parser.add_argument("--repeats", metavar="N", type=int, default=25, help="runs of each [25]")
parser.add_argument("--python", metavar="FILE", type=pathlib.Path, help="a Python that has numpy and dwave-samplers")
parser.add_argument("--record", metavar="FILE", type=pathlib.Path, default=machine.RECORDS / "ising.json",
                    help="where to write the record [benches/record/ising.json]")
options = parser.parse_args()

PEER = """
import json, sys, dimod, numpy
from dwave.samplers import SimulatedAnnealingSampler
path, reads, sweeps, hot, cold, seed = sys.argv[1:]
w = numpy.fromfile(path, dtype=numpy.int8)
n = int(len(w) ** 0.5)
w = w.reshape(n, n).astype(float)
i, j = numpy.triu_indices(n, 1)
model = dimod.BinaryQuadraticModel.from_numpy_vectors(numpy.zeros(n), (i, j, -w[i, j]), 0.0, "SPIN")
found = SimulatedAnnealingSampler().sample(
    model, num_reads=int(reads), num_sweeps=int(sweeps), beta_range=(float(hot), float(cold)),
    beta_schedule_type="geometric", seed=int(seed))
seconds = found.info["timing"]["sampling_ns"] / 1e9
print(json.dumps({"seconds": seconds, "attempts_per_us": n * int(sweeps) * int(reads) / seconds / 1e6,
                  "energies": sorted(int(e) for e in found.record.energy)}))
"""
COUPLINGS = """
import numpy, sys
n = int(sys.argv[2])
w = numpy.triu(numpy.random.default_rng(1).choice([-1, 1], size=(n, n)), 1)
(w + w.T).astype(numpy.int8).tofile(sys.argv[1])
"""


def run(program, command, seed):
    found = json.loads(machine.measured(command)[0])
    print(f"{program:<15} {found}", file=sys.stderr)
    return {"program": program, "seed": seed, **found}


python = options.python or machine.python_with(machine.TARGET / "peers", {"numpy": "numpy", "dimod": "dwave-samplers"})
subprocess.run(["cargo", "build", "--release", "--package", "bitspin-benches", "--bin", "ising"], cwd=machine.ROOT, check=True)
ours = machine.TARGET / "release" / "ising"
runs = []
with tempfile.TemporaryDirectory() as directory:
    couplings = pathlib.Path(directory, "couplings")
    subprocess.run([python, "-c", COUPLINGS, couplings, str(options.spins)], check=True)
    hot, cold = options.betas
    for seed in range(1, options.repeats + 1):
        runs.append(run("bitspin", (ours, "anneal", couplings, "--hot", hot, "--cold", cold, "--sweeps", options.sweeps,
                                    "--reads", options.reads, "--seed", seed), seed))
        runs.append(run("dwave-samplers", (python, "-c", PEER, couplings, options.reads, options.sweeps, hot, cold, seed), seed))
        runs.append(run("lattice", (ours, "lattice", "--side", options.side, "--sweeps", options.sweeps, "--seed", seed), seed))


def median(program, key):
    return statistics.median(run[key] for run in runs if run["program"] == program)


def energy(program):
    return statistics.mean(e for run in runs if run["program"] == program for e in run["energies"])


rates = {program: median(program, "attempts_per_us") for program in ("bitspin", "dwave-samplers")}
for program, rate in rates.items():
    print(f"{program:<15} {rate:8.1f} attempts/us, mean energy a spin {energy(program) / options.spins:.4f}")
print(f"ratio {rates['bitspin'] / rates['dwave-samplers']:.1f}")
for rule in ("metropolis", "glauber"):
    print(f"lattice {options.side} x {options.side}, {rule}: {median('lattice', rule + '_attempts_per_ns'):.2f} attempts/ns")
machine.warn_if_busy()
version = machine.output(python, "-c", "import importlib.metadata as m; print(m.version('dwave-samplers'))")
machine.write(options.record, {
    "machine": machine.machine(),
    "date": machine.today(),
    "versions": machine.versions() | {"dwave-samplers": version},
    "work": {"spins": options.spins, "sweeps": options.sweeps, "reads": options.reads, "betas": options.betas, "side": options.side},
    "runs": runs,
})
