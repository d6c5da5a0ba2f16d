"""Memory that training takes beyond the caller's array, and how fast the package is imported."""

import subprocess
import sys

import pytest

CODE = """
import sys
import numpy as np
from pathlib import Path
import bitspin

def megabytes(field):
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith(field))) / 1024

kind = sys.argv[1]
rng = np.random.default_rng(0)
X = np.zeros((20_000, 784), np.float32)
for row in X:
    row[:] = rng.random(784, np.float32) if kind == "real" else rng.integers(0, 2 if kind == "bits" else 256, 784)
if kind == "grey":
    X /= 255
bitspin.BernoulliRBM(50, n_iter=1).fit(X[:100])
before = megabytes("VmRSS")
Path("/proc/self/clear_refs").write_text("5")
bitspin.BernoulliRBM(50, batch_size=100, n_iter=2).fit(X)
print(megabytes("VmHWM") - before)
"""


# A copy of the array would take 60 MB.
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize(("kind", "packed_mb"), [("bits", 2), ("grey", 15), ("real", 2)])
def test_training_takes_little_more_memory_than_the_packed_rows(kind, packed_mb):
    found = subprocess.run([sys.executable, "-c", CODE, kind], capture_output=True, text=True, check=True)
    # Bytes of real numbers are tried first.
    assert float(found.stdout) < packed_mb + (15 if kind == "real" else 0) + 20


def test_the_package_is_imported_without_what_only_some_classes_need():
    code = "import sys, bitspin; print([m for m in ('sklearn', 'scipy', 'dimod', 'networkx', 'tqdm') if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == "[]\n"
