#!/usr/bin/env python3
"""Times what is done with RBMs besides plain training: bitspin's Python package beside PyTorch and scikit-learn.

Each piece of work of each program has a process of its own, and the fastest of its calls counts. All programs get the same
parameters, rows and settings. Prints medians.

bitspin, PyTorch and scikit-learn are those of the Python that runs this, or of --python.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import machine

HIDDEN, BATCH, RATE = 500, 64, 0.1
# The work, how it is called in the table, and the programs that do it.
ALL = ("bitspin", "torch", "sklearn")
WORKS = {
    "fit": ("3 epochs of PCD-1 on 60,000 grey digits, from the array to the attributes", ("bitspin", "sklearn")),
    "transform-bits": ("hidden probabilities of 60,000 digits of 0 and 1", ALL),
    "transform-grey": ("hidden probabilities of 60,000 grey digits", ALL),
    "free-energy": ("free energies of 60,000 digits of 0 and 1", ALL),
    "score": ("pseudo-likelihoods of 60,000 digits of 0 and 1, one flip each", ("bitspin", "sklearn")),
    "ais-100": ("AIS, 100 chains, 200 temperatures", ("bitspin", "torch")),
    "ais-1000": ("AIS, 1,000 chains, 200 temperatures", ("bitspin", "torch")),
    "ais-10000": ("AIS, 10,000 chains, 200 temperatures", ("bitspin", "torch")),
    "labels": ("an epoch of CD-1 on 60,000 digits with label units", ("bitspin", "torch")),
    "complete": ("the lower halves of 1,000 digits, 100 Gibbs steps", ("bitspin", "torch")),
    "table": ("an epoch of PCD-1 on a table of 10^6 x 100 bits, 100 hidden units", ALL),
}


def child(work, program, data, threads):
    """One piece of work of one program. Prints its seconds."""
    import numpy as np

    rng = np.random.default_rng(1)
    if work == "table":
        # Columns depend on each other in pairs.
        rows = (rng.random((1_000_000, 50)) < 0.3).repeat(2, axis=1).astype(np.float32)
        hidden, batch = 100, 100
    else:
        import digits

        grey = digits.read(data).astype(np.float32) / np.float32(255)
        rows = grey if work in ("fit", "transform-grey") else (grey >= 0.5).astype(np.float32)
        hidden, batch = HIDDEN, BATCH
    parameters = (
        rng.normal(0, 0.05, (hidden, rows.shape[1])).astype(np.float32),
        np.full(rows.shape[1], -1, np.float32),
        np.full(hidden, -1, np.float32),
    )
    labels = rng.integers(0, 10, len(rows))
    make = {"bitspin": of_bitspin, "torch": of_torch, "sklearn": of_sklearn}[program]
    call = make(work, rows, labels, parameters, (hidden, batch), threads)
    seconds = []
    for _ in range(2 if work in ("fit", "table", "labels", "ais-10000") else 5):
        begin = time.perf_counter()
        own = call()
        seconds.append(own if isinstance(own, float) else time.perf_counter() - begin)
    print(min(seconds))


def of_bitspin(work, rows, labels, parameters, sizes, threads):
    import numpy as np
    from bitspin import RBM, BernoulliRBM, RBMClassifier

    hidden, batch = sizes
    names = ("W", "v_bias", "h_bias")
    model = RBM.from_state_dict(dict(zip(names, parameters)))
    model.set_params(threads=threads, random_state=1)
    if work == "labels":
        return lambda: RBMClassifier(hidden, batch_size=batch, n_iter=1, threads=threads, random_state=1).fit(rows, labels)
    if work in ("fit", "table"):
        epochs = 3 if work == "fit" else 1
        return lambda: BernoulliRBM(hidden, learning_rate=RATE, batch_size=batch, n_iter=epochs, threads=threads,
                                    random_state=1).fit(rows)
    if work == "score":
        model = BernoulliRBM(hidden, threads=threads, random_state=1).fit(rows[:100])
        return lambda: model.score_samples(rows)
    if work == "complete":
        damaged = rows[:1_000].copy()
        damaged[:, damaged.shape[1] // 2:] = np.nan
        return lambda: model.complete(damaged, burn_in=0, steps=100)
    if work.startswith("ais"):
        return lambda: forward_seconds(model, work.split("-")[1], threads)
    return lambda: (model.free_energy if work == "free-energy" else model.transform)(rows)


def forward_seconds(model, chains, threads):
    """The seconds of forward AIS by the command, on the first thousand built-in digits."""
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "model.safetensors"
        model.save(file)
        words = ("rbm", "eval", file, "--binarise", "threshold", "--ais", "--chains", chains, "--betas", 200, "--reverse-from",
                 "data", "--burn-in", 0, "--raise-rows", 0, "--threads", threads, "--json")
        command = (os.environ["BITSPIN"], *map(str, words))
        found = json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)
    return found["ais"]["forward"]["seconds"]


def of_torch(work, rows, labels, parameters, sizes, threads):
    import torch

    torch.set_num_threads(threads)
    torch.set_grad_enabled(False)
    torch.manual_seed(1)
    v = torch.from_numpy(rows)
    w, b, c = (torch.from_numpy(p.copy()) for p in parameters)
    hidden, batch = sizes
    softplus = torch.nn.functional.softplus

    def probabilities():
        return torch.addmm(c, v, w.t()).sigmoid_()

    def free_energies():
        return -(v @ b) - softplus(torch.addmm(c, v, w.t())).sum(1)

    def anneal():
        chains, steps, transposed = int(work.split("-")[1]), 200, w.t().contiguous()
        ln_weights = torch.zeros(chains, dtype=torch.float64)
        visible = torch.bernoulli(torch.sigmoid(b).expand(chains, -1))
        for k in range(steps):
            beta, following = k / steps, (k + 1) / steps
            field = torch.addmm(c, visible, transposed)
            ln_weights += (softplus(following * field) - softplus(beta * field)).sum(1)
            drawn = torch.bernoulli(field.mul_(following).sigmoid_())
            visible = torch.bernoulli(torch.addmm(b, drawn, w, alpha=following).sigmoid_())

    def complete():
        known = rows.shape[1] // 2
        visible, sum_ = v[:1_000].clone(), 0
        visible[:, known:] = 0
        for _ in range(100):
            drawn = torch.bernoulli(torch.addmm(c, visible, w.t()).sigmoid_())
            p = torch.addmm(b[known:], drawn, w[:, known:]).sigmoid_()
            sum_ = sum_ + p
            visible[:, known:] = torch.bernoulli(p)

    def epoch(classes):
        chains = torch.zeros(batch, hidden)
        joint, visible_bias = w, b
        if classes:
            joint = torch.cat([w, torch.zeros(hidden, classes)], 1)
            visible_bias = torch.cat([b, torch.zeros(classes)])
        targets = torch.from_numpy(labels)
        units = rows.shape[1]
        for chosen in torch.randperm(len(v)).split(batch):
            data = v[chosen]
            if classes:
                data = torch.cat([data, torch.nn.functional.one_hot(targets[chosen], classes).float()], 1)
            p_data = torch.addmm(c, data, joint.t()).sigmoid_()
            drawn = torch.bernoulli(p_data) if classes else chains[:len(data)]
            field = torch.addmm(visible_bias, drawn, joint)
            chain = torch.bernoulli(torch.sigmoid(field[:, :units]))
            if classes:
                label = torch.multinomial(torch.softmax(field[:, units:], 1), 1).squeeze(1)
                chain = torch.cat([chain, torch.nn.functional.one_hot(label, classes).float()], 1)
            p_chain = torch.addmm(c, chain, joint.t()).sigmoid_()
            if not classes:
                chains = torch.bernoulli(p_chain)
            joint.addmm_(p_data.t(), data, alpha=RATE / batch).addmm_(p_chain.t(), chain, alpha=-RATE / batch)
            visible_bias.add_((data - chain).mean(0), alpha=RATE)
            c.add_((p_data - p_chain).mean(0), alpha=RATE)

    return {
        "transform-bits": probabilities,
        "transform-grey": probabilities,
        "free-energy": free_energies,
        "labels": lambda: epoch(10),
        "table": lambda: epoch(0),
        "complete": complete,
    }.get(work, anneal)


def of_sklearn(work, rows, labels, parameters, sizes, threads):
    from sklearn.neural_network import BernoulliRBM

    hidden, batch = sizes
    if work in ("fit", "table"):
        epochs = 3 if work == "fit" else 1
        return lambda: BernoulliRBM(hidden, learning_rate=RATE, batch_size=batch, n_iter=epochs, random_state=1).fit(rows)
    model = BernoulliRBM(hidden, random_state=1).fit(rows[:100])
    model.components_, model.intercept_visible_, model.intercept_hidden_ = parameters
    return {"score": lambda: model.score_samples(rows), "free-energy": lambda: model._free_energy(rows)}.get(
        work, lambda: model.transform(rows)
    )


def print_table(runs):
    for work, (name, programs) in WORKS.items():
        for threads in options.threads:
            medians = {}
            for program in programs:
                times = [run["seconds"] for run in runs
                         if (run["work"], run["program"], run["threads"]) == (work, program, threads)]
                if times:
                    medians[program] = statistics.median(times)
            if medians:
                ratios = ", ".join(f"{program} {seconds:.3f} s ({seconds / medians['bitspin']:.2f})"
                                   for program, seconds in medians.items())
                print(f"{name}, {threads} threads: {ratios}")


if sys.argv[1:2] == ["--child"]:
    child(*sys.argv[2:5], int(sys.argv[5]))
    sys.exit()
parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--data", metavar="DIR", help="directory of MNIST's IDX files [default: BITSPIN_MNIST_DIR]")
parser.add_argument("--python", metavar="FILE", default=sys.executable, help="a Python that has all three packages")
parser.add_argument("--repeats", metavar="N", type=int, default=3, help="processes of each piece of work [3]")
parser.add_argument("--threads", metavar="N", type=int, nargs="+", default=[1, 2], help="numbers of threads [1 2]")
parser.add_argument("--work", metavar="NAME", nargs="+", default=list(WORKS), choices=list(WORKS),
                    help=f"pieces of work [{' '.join(WORKS)}]")
parser.add_argument("--record", metavar="FILE", type=pathlib.Path, help="where to write a record [none]")
options = parser.parse_args()
data = machine.data_directory(options.data)
os.environ["BITSPIN"] = str(machine.build())
ask = "import bitspin, torch, sklearn; print(bitspin.__version__, torch.__version__, sklearn.__version__)"
versions = dict(zip(("package", "torch", "scikit-learn"), machine.output(options.python, "-c", ask).split()))
runs = []
for seed in range(1, options.repeats + 1):
    for work in options.work:
        for threads in options.threads:
            for program in WORKS[work][1]:
                words = (options.python, __file__, "--child", work, program, data, str(threads))
                seconds = float(machine.measured(words, machine.library_environment(threads))[0])
                runs.append({"work": work, "program": program, "threads": threads, "seconds": round(seconds, 5)})
                print(f"{work:<15} {program:<8} {threads} threads: {seconds:.3f} s", file=sys.stderr)
print_table(runs)
machine.warn_if_busy()
if options.record:
    machine.write(options.record, {
        "machine": machine.machine(),
        "date": machine.today(),
        "versions": machine.versions() | versions,
        "works": [{"work": work, "name": name} for work, (name, _) in WORKS.items()],
        "runs": runs,
    })
