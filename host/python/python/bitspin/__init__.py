"""Energy-based models of binary units: RBMs, Hopfield memories, Ising models and Boltzmann machines.

Classes are imported when they are first used, so that ``import bitspin`` is fast.
"""

import importlib

from ._config import show_config
from ._native import config as _config

__version__ = _config()["version"]

#: The module of every public name that is imported when it is first used.
_MODULES = {
    "BernoulliRBM": "_bernoulli_rbm",
    "RBM": "_rbm",
    "RBMClassifier": "_rbm_classifier",
    "Hopfield": "_hopfield",
    "IsingModel": "_ising",
    "BoltzmannMachine": "_boltzmann_machine",
    "boltzmann": "_functions",
    "softmax": "_functions",
    "log_sum_exp": "_functions",
    "entropy": "_functions",
    "kl_divergence": "_functions",
    "temperature_scale": "_functions",
    "expected_calibration_error": "_functions",
}

__all__ = ["__version__", "show_config", *_MODULES]


def __getattr__(name):
    if name not in _MODULES:
        raise AttributeError(f"module 'bitspin' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
    globals()[name] = value
    return value


def __dir__():
    return sorted(__all__)
