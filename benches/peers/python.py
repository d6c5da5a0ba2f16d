#!/usr/bin/env python3
"""Times `fit` of the Python package beside scikit-learn and the command on the same digits, each in a process of its own.

It learns from pixels / 255 in float32 by PCD-1 with the same settings. scikit-learn takes these numbers as they are, and
bitspin draws bits from them. Memory is the peak beyond what the process had with the digits in it. paths.py times the rest.

bitspin and scikit-learn are those of the Python that runs this, or of --python.
"""
import argparse
import json
import pathlib
import statistics
import sys
import tempfile

import machine

PROGRAMS = ("bitspin", "command", "sklearn")


def child(program, data, settings):
    """A fit of one program. Prints a line of JSON."""
    import time

    import digits
    import numpy

    if program == "bitspin":
        from bitspin import BernoulliRBM

        extra = {"threads": settings["threads"]}
    else:
        from sklearn.neural_network import BernoulliRBM

        extra = {}
    grey = digits.read(data) / numpy.float32(255)
    model = BernoulliRBM(settings["hidden"], learning_rate=settings["lr"], batch_size=settings["batch"],
                         n_iter=settings["epochs"], random_state=settings["seed"], **extra)
    begin_mb = memory("VmRSS")
    pathlib.Path("/proc/self/clear_refs").write_text("5")
    begin = time.perf_counter()
    model.fit(grey)
    seconds = time.perf_counter() - begin
    print(json.dumps({"seconds": seconds, "extra_mb": memory("VmHWM") - begin_mb}))


def memory(field):
    """Megabytes of this process: VmRSS now, or VmHWM at the peak since it was cleared."""
    lines = pathlib.Path("/proc/self/status").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith(field))) / 1024


def import_seconds():
    """How long `import bitspin` takes in a fresh process."""
    code = "import time; begin = time.perf_counter(); import bitspin; print(time.perf_counter() - begin)"
    return float(machine.output(options.python, "-c", code))


def settings_of(threads, seed):
    return {"hidden": options.hidden, "batch": options.batch, "lr": options.lr, "epochs": options.epochs, "threads": threads,
            "seed": seed}


def run(program, threads, seed):
    """Seconds and extra megabytes of a fit."""
    settings = settings_of(threads, seed)
    if program == "command":
        with tempfile.TemporaryDirectory() as out:
            words = ("--hidden", options.hidden, "--batch", options.batch, "--lr", options.lr, "--epochs", options.epochs)
            seconds, _ = machine.train(bitspin, out, data, *words, "--method", "pcd", "--k", 1, "--threads", threads,
                                       "--seed", seed)
        found = {"seconds": sum(seconds)}
    else:
        words = (options.python, __file__, "--child", program, data, json.dumps(settings))
        found = json.loads(machine.measured(words, machine.library_environment(threads))[0])
    print(f"{program:<8} {threads} threads: {found['seconds']:.3f} s", file=sys.stderr)
    return {"program": program, "threads": threads, "seed": seed, **found}


def print_table(runs):
    print(f"\n{'program':<8} {'threads':>7} {'median s':>9} {'min .. max':>18} {'ratio':>7} {'extra MB':>9}")
    for threads in options.threads:
        ours = None
        for program in PROGRAMS:
            chosen = [run for run in runs if (run["program"], run["threads"]) == (program, threads)]
            times = [run["seconds"] for run in chosen]
            median = statistics.median(times)
            ours = ours or median
            extent = f"{min(times):.3f} .. {max(times):.3f}"
            extra = max(run.get("extra_mb", float("nan")) for run in chosen)
            print(f"{program:<8} {threads:>7} {median:>9.3f} {extent:>18} {median / ours:>7.2f} {extra:>9.0f}")


if sys.argv[1:2] == ["--child"]:
    child(*sys.argv[2:4], json.loads(sys.argv[4]))
    sys.exit()
parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--data", metavar="DIR", help="directory of MNIST's IDX files [default: BITSPIN_MNIST_DIR]")
parser.add_argument("--python", metavar="FILE", default=sys.executable, help="a Python that has bitspin and scikit-learn")
parser.add_argument("--repeats", metavar="N", type=int, default=5, help="runs of each program [5]")
parser.add_argument("--threads", metavar="N", type=int, nargs="+", default=[1, 2], help="numbers of threads [1 2]")
parser.add_argument("--hidden", type=int, default=500)
parser.add_argument("--batch", type=int, default=64)
parser.add_argument("--epochs", type=int, default=3)
parser.add_argument("--lr", type=float, default=0.1)
parser.add_argument("--record", metavar="FILE", type=pathlib.Path, help="where to write a record [none]")
options = parser.parse_args()
data = machine.data_directory(options.data)
bitspin = machine.build()
ask = "import platform, bitspin, numpy, sklearn; " \
      "print(platform.python_version(), bitspin.__version__, numpy.__version__, sklearn.__version__)"
versions = dict(zip(("python", "package", "numpy", "scikit-learn"), machine.output(options.python, "-c", ask).split()))
imports = [import_seconds() for _ in range(5)]
runs = [run(program, threads, seed)
        for seed in range(1, options.repeats + 1) for threads in options.threads for program in PROGRAMS]
print_table(runs)
print(f"import bitspin: {statistics.median(imports):.3f} s")
machine.warn_if_busy()
if options.record:
    machine.write(options.record, {
        "machine": machine.machine(),
        "date": machine.today(),
        "versions": machine.versions() | versions,
        "work": {"digits": machine.images(data), "visible": 784, "hidden": options.hidden, "batch": options.batch,
                 "lr": options.lr, "method": "pcd", "k": 1, "epochs": options.epochs, "repeats": options.repeats},
        "import_seconds": [round(seconds, 4) for seconds in imports],
        "runs": runs,
    })
