from ._bernoulli_rbm import BernoulliRBM as BernoulliRBM
from ._boltzmann_machine import BoltzmannMachine as BoltzmannMachine
from ._config import show_config as show_config
from ._functions import (
    boltzmann as boltzmann,
    entropy as entropy,
    expected_calibration_error as expected_calibration_error,
    kl_divergence as kl_divergence,
    log_sum_exp as log_sum_exp,
    softmax as softmax,
    temperature_scale as temperature_scale,
)
from ._hopfield import Hopfield as Hopfield
from ._ising import IsingModel as IsingModel
from ._rbm import RBM as RBM
from ._rbm_classifier import RBMClassifier as RBMClassifier

__version__: str
__all__: list[str]
