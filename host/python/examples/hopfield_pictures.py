"""Hopfield recall of pictures.

Stores one handwritten digit of each kind by several rules, damages them, and recalls them. Draws them to hopfield_pictures.png if
matplotlib is there.
"""

import numpy as np
from sklearn.datasets import load_digits

from bitspin import Hopfield

digits = load_digits()
first = [int(np.flatnonzero(digits.target == digit)[0]) for digit in range(10)]
pictures = (digits.data[first] >= 8.0).astype(np.int8)

# One pixel in ten is flipped.
random = np.random.default_rng(1)
damaged = pictures ^ (random.random(pictures.shape) < 0.1)

print("rule            exact  mean overlap  outcomes")
results = {}
for rule in ("hebb", "covariance", "storkey", "pseudo-inverse", "exponential"):
    memory = Hopfield(rule).store(pictures)
    recall = memory.recall(damaged, random_state=0)
    exact = (recall.states == pictures).all(axis=1).sum()
    overlap = recall.overlaps.diagonal().mean()
    outcomes = ", ".join(f"{count} {name}" for name, count in zip(*np.unique(recall.outcome, return_counts=True), strict=True))
    print(f"{rule:15} {exact:5d}  {overlap:12.2f}  {outcomes}")
    results[rule] = recall.states
# Ten pictures of 64 pixels that resemble each other are too many for Hebb's rule, and few for the exponential memory.
assert (results["exponential"] == pictures).all()

try:
    import matplotlib.pyplot as plt
except ImportError:
    print("matplotlib is not installed: no picture")
else:
    rows = {"stored": pictures, "damaged": damaged, **results}
    figure, axes = plt.subplots(len(rows), 10, figsize=(7, 0.65 * len(rows)), layout="constrained")
    for row, (name, states) in zip(axes, rows.items(), strict=True):
        for axis, state in zip(row, states, strict=True):
            axis.imshow(state.reshape(8, 8), cmap="gray_r")
            axis.set_xticks([])
            axis.set_yticks([])
        row[0].set_ylabel(name, rotation=0, ha="right", va="center", fontsize=8)
    figure.savefig("hopfield_pictures.png", dpi=150)
    print("pictures in hopfield_pictures.png")
