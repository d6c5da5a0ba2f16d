"""Features of digits for a logistic regression, beside scikit-learn's BernoulliRBM.

Trains the same RBM twice, with bitspin and with scikit-learn, in scikit-learn's pipeline, and compares the accuracies of a
logistic regression on the hidden units with one on the pixels. Draws the filters to digits_features.png if matplotlib is there.
"""

import time
import warnings

import numpy as np
from sklearn import linear_model, neural_network
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline

import bitspin

warnings.simplefilter("ignore", ConvergenceWarning)
X, y = load_digits(return_X_y=True)
X = (X / 16.0).astype(np.float32)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3, random_state=0)

logistic = linear_model.LogisticRegression(C=100.0, max_iter=1000)
pixels = logistic.fit(X_train, y_train).score(X_test, y_test)
print(f"logistic regression on pixels: accuracy {pixels:.3f}")

filters = {}
for name, module in (("bitspin", bitspin), ("scikit-learn", neural_network)):
    rbm = module.BernoulliRBM(n_components=128, learning_rate=0.05, batch_size=10, n_iter=30, random_state=0)
    model = make_pipeline(rbm, linear_model.LogisticRegression(C=100.0, max_iter=1000))
    began = time.perf_counter()
    model.fit(X_train, y_train)
    seconds = time.perf_counter() - began
    likelihood = rbm.score_samples(X_test).mean()
    print(
        f"{name + ':':13} accuracy {model.score(X_test, y_test):.3f},"
        f" pseudo-log-likelihood {likelihood:.1f} nats per digit, fit in {seconds:.2f} s"
    )
    filters[name] = rbm.components_

try:
    import matplotlib.pyplot as plt
except ImportError:
    print("matplotlib is not installed: no picture")
else:
    figure, axes = plt.subplots(2, 12, figsize=(9, 2))
    for row, (name, weights) in zip(axes, filters.items(), strict=True):
        row[0].set_title(name, loc="left", fontsize=9)
        for axis, weight in zip(row, weights, strict=False):
            axis.imshow(weight.reshape(8, 8), cmap="RdBu", vmin=-2, vmax=2)
            axis.axis("off")
    figure.savefig("digits_features.png", dpi=150)
    print("filters in digits_features.png")
