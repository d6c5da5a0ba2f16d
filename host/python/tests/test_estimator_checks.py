"""scikit-learn's checks of estimators."""

from sklearn.neural_network import BernoulliRBM
from sklearn.utils._test_common.instance_generator import PER_ESTIMATOR_XFAIL_CHECKS
from sklearn.utils.estimator_checks import parametrize_with_checks

import bitspin

#: What scikit-learn declares for its own RBM.
DECLARED = PER_ESTIMATOR_XFAIL_CHECKS[BernoulliRBM]

# The checks learn from numbers of any size, which have to be clipped or binarised to be learned by binary units.
ESTIMATORS = [
    bitspin.BernoulliRBM(n_iter=5, batch_size=10, clip=True),
    bitspin.RBM(n_iter=5, batch_size=10, clip=True),
    bitspin.RBMClassifier(n_components=16, n_iter=5, batch_size=10, clip=True),
    bitspin.BoltzmannMachine("pseudo-likelihood", epochs=5, binarize=0.0),
]


def expected_failures(estimator):
    return DECLARED if isinstance(estimator, BernoulliRBM) else {}


@parametrize_with_checks(ESTIMATORS, expected_failed_checks=expected_failures)
def test_checks(estimator, check):
    check(estimator)
