"""What BernoulliRBM learns, beside scikit-learn's at its defaults."""

import numpy as np
import pytest
import sklearn.neural_network
from sklearn.datasets import load_digits

import bitspin

SEEDS = range(8)
DIGITS = load_digits().data[:600] / 16
BITS = (DIGITS >= 0.5).astype(float)


def z_score(mine, theirs):
    """The difference of the means in standard errors, by Welch."""
    variances = np.var(mine, ddof=1) / len(mine) + np.var(theirs, ddof=1) / len(theirs)
    return (np.mean(mine) - np.mean(theirs)) / np.sqrt(variances)


def pseudo_likelihoods(kind, X):
    def score(seed):
        model = kind(random_state=seed).fit(X)
        model.random_state = 100 + seed
        return model.score_samples(X).mean()

    return [score(seed) for seed in SEEDS]


def likelihoods(kind, X):
    models = [kind(16, random_state=seed).fit(X) for seed in SEEDS]
    return [bitspin.RBM.from_sklearn(model).log_likelihood(BITS, method="exact").value for model in models]


# Null: both learn equally well. Eight seeds each; |z| of 5 with some 14 degrees of freedom: false alarm 2e-4.
MOST = 5


@pytest.mark.parametrize("measure", [pseudo_likelihoods, likelihoods])
def test_bits_are_learned_as_well_as_by_scikit_learn(measure):
    mine = measure(bitspin.BernoulliRBM, BITS)
    theirs = measure(sklearn.neural_network.BernoulliRBM, BITS)
    assert abs(z_score(mine, theirs)) < MOST, (mine, theirs)
    # A planted fault is found: a hundredth of the learning rate.
    worse = measure(lambda *args, **kwargs: bitspin.BernoulliRBM(*args, learning_rate=0.001, **kwargs), BITS)
    assert z_score(worse, theirs) < -MOST


def test_grey_digits_are_learned_no_worse_than_by_scikit_learn():
    mine = pseudo_likelihoods(bitspin.BernoulliRBM, DIGITS)
    theirs = pseudo_likelihoods(sklearn.neural_network.BernoulliRBM, DIGITS)
    assert z_score(mine, theirs) > -MOST, (mine, theirs)
