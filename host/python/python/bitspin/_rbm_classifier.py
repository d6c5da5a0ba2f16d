"""Classification by RBMs with label units."""

import json
import os
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_softmax, logsumexp, softmax
from sklearn.base import ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted

from . import _native
from ._checks import check_choice, check_count, check_flag, check_number, check_threads, in_c_order
from ._functions import temperature_scale
from ._model_files import KEY, read_model, settings_of, write_model
from ._rows import checked, real_rows
from ._training import TrainedModel

#: The most classes.
MOST_CLASSES = 256


class RBMClassifier(ClassifierMixin, TrainedModel):
    r"""Restricted Boltzmann machine with label units: a joint energy-based model of features and labels.

    The energy is :math:`E(x, y, h) = -x^T W^T h - b^T x - c^T h - d_y - U_y^T h`. Class probabilities are the softmax of
    the logits :math:`-F(x, y)`, and :math:`E(x) = -\ln \sum_y e^{-F(x, y)}` is the energy of features alone.

    One ``random_state`` gives the same parameters with any number of threads and on any CPU, and those of
    ``bitspin rbm train --labels`` with the same settings.

    Parameters
    ----------
    n_components : int, default=256
        Number of hidden units.
    objective : {"hybrid", "discriminative", "generative"}, default="hybrid"
        What is maximised: ln p(y|x) exactly, ln p(x, y) by contrastive divergence, or the first plus `mix` times the
        second.
    mix : float, default=0.05
        Weight of ln p(x, y) in the hybrid objective.
    preset : {"lecture", "quick", "best"} or None, default=None
        Settings that go together, of those arguments that are None; see :class:`RBM`. None is "lecture" with
        minibatches of 16, for 50 epochs.
    method, steps, final_steps, learning_rate, final_learning_rate, schedule, decay, momentum, weight_decay, l1, \
sparsity_target, sparsity_cost, centred, visible_bias, batch_size, final_batch_size, n_iter, clip, random_state, threads, \
verbose
        As those of :class:`RBM`.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Class labels, at most 256.
    components_ : ndarray of shape (n_components, n_features), float32
        Weights W of the features.
    label_components_ : ndarray of shape (n_components, n_classes), float32
        Weights U of the labels.
    intercept_visible_, intercept_label_, intercept_hidden_ : ndarray, float32
        Biases b, d and c.
    temperature_ : float
        Temperature by which logits are divided in `predict_proba`: 1, or that of `calibrate`.
    n_iter_ : int
        Epochs that are over.
    history_ : list of dict
        Figures of every epoch, among them ``nll`` and ``error``: mean -ln p(y|x) and the share of wrong predictions.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from bitspin import RBMClassifier
    >>> X, y = load_digits(return_X_y=True)
    >>> model = RBMClassifier(n_components=64, random_state=0).fit(X[:1500] / 16, y[:1500])
    >>> model.score(X[1500:] / 16, y[1500:]) > 0.85
    True
    """

    def __init__(
        self,
        n_components: int = 256,
        *,
        objective: str = "hybrid",
        mix: float = 0.05,
        preset: str | None = None,
        method: str | None = None,
        steps: int | None = None,
        final_steps: int | None = None,
        learning_rate: float | None = None,
        final_learning_rate: float | None = None,
        schedule: str | None = None,
        decay: float | None = None,
        momentum: float = 0.0,
        weight_decay: float = 0.0,
        l1: float = 0.0,
        sparsity_target: float | None = None,
        sparsity_cost: float = 0.1,
        centred: bool = False,
        visible_bias: str | None = None,
        batch_size: int | None = None,
        final_batch_size: int | None = None,
        n_iter: int | None = None,
        clip: bool = False,
        random_state: Any = None,
        threads: int | None = None,
        verbose: int = 0,
    ) -> None:
        self.n_components = n_components
        self.objective = objective
        self.mix = mix
        self.preset = preset
        self.method = method
        self.steps = steps
        self.final_steps = final_steps
        self.learning_rate = learning_rate
        self.final_learning_rate = final_learning_rate
        self.schedule = schedule
        self.decay = decay
        self.momentum = momentum
        self.weight_decay = weight_decay
        self.l1 = l1
        self.sparsity_target = sparsity_target
        self.sparsity_cost = sparsity_cost
        self.centred = centred
        self.visible_bias = visible_bias
        self.batch_size = batch_size
        self.final_batch_size = final_batch_size
        self.n_iter = n_iter
        self.clip = clip
        self.random_state = random_state
        self.threads = threads
        self.verbose = verbose

    def fit(self, X: Any, y: Any) -> "RBMClassifier":
        """Learn from X and y, starting anew.

        An interrupt (Ctrl-C) stops it after the current minibatch; the attributes hold what was learned.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Values from 0 to 1.
        y : array-like of shape (n_samples,)
            Class labels of any kind that can be sorted.

        Returns
        -------
        self : RBMClassifier
            The fitted model.
        """
        X, y = checked(self, X, reset=True, y=y)
        check_classification_targets(y)
        classes, labels = np.unique(y, return_inverse=True)
        if len(classes) > MOST_CLASSES:
            raise ValueError(f"y: expected at most {MOST_CLASSES} classes, found {len(classes)}")
        self.classes_, self.temperature_ = classes, 1.0
        objective = check_choice(self.objective, "objective", ("generative", "discriminative", "hybrid"))
        mix = check_number(self.mix, "mix")
        rows = self._begin(X, epochs=50, classes=len(classes), objective=objective, mix=mix)
        self._learn(rows, self._plan["epochs"], labels.astype(np.uint8))
        return self

    def _hidden_units(self):
        return check_count(self.n_components, "n_components")

    def _set_parameters(self, w, visible_bias, hidden_bias):
        features = w.shape[1] - len(self.classes_)
        self.components_, self.label_components_ = w[:, :features].copy(), w[:, features:].copy()
        self.intercept_visible_, self.intercept_label_ = visible_bias[:features].copy(), visible_bias[features:].copy()
        self.intercept_hidden_ = hidden_bias
        self.n_features_in_ = features

    def _parameters(self):
        w = np.hstack([self.components_, self.label_components_])
        return w, np.concatenate([self.intercept_visible_, self.intercept_label_]), self.intercept_hidden_

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        # scikit-learn's checks classify two standardised features, of which few bits are left in [0, 1].
        tags.classifier_tags.poor_score = True
        return tags

    def _logits(self, X):
        """-F(x, y) of every row and class."""
        check_is_fitted(self)
        threads = check_threads(self.threads)
        rows = real_rows(checked(self, X, reset=False), check_flag(self.clip, "clip"), threads)
        return _native.class_logits(self._exact(), len(self.classes_), rows, threads)

    def predict(self, X: Any) -> NDArray[Any]:
        """Predict the likeliest class of every row.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Values from 0 to 1, taken as they are.

        Returns
        -------
        y : ndarray of shape (n_samples,)
            Class labels.
        """
        best = self._logits(X).argmax(axis=1)
        return self.classes_[best]

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Compute p(y|x) of every row and class, at the fitted temperature.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Values from 0 to 1, taken as they are.

        Returns
        -------
        p : ndarray of shape (n_samples, n_classes)
            Probabilities, in the order of `classes_`.
        """
        logits = self._logits(X)
        return softmax(logits / self.temperature_, axis=1)

    def predict_log_proba(self, X: Any) -> NDArray[np.float64]:
        """Compute ln p(y|x) of every row and class, at the fitted temperature.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Values from 0 to 1, taken as they are.

        Returns
        -------
        p : ndarray of shape (n_samples, n_classes)
            Logarithms of probabilities, in the order of `classes_`.
        """
        logits = self._logits(X)
        return log_softmax(logits / self.temperature_, axis=1)

    def score_samples(self, X: Any) -> NDArray[np.float64]:
        """Compute -E(x) of every row: ln p(x) but for the constant ln Z.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Values from 0 to 1, taken as they are.

        Returns
        -------
        scores : ndarray of shape (n_samples,)
            In nats; the smaller, the less like the rows that were learned.
        """
        return logsumexp(self._logits(X), axis=1)

    def calibrate(self, X: Any, y: Any) -> "RBMClassifier":
        """Fit the temperature to rows that were not learned (Guo et al. 2017).

        It changes probabilities, not predictions.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Values from 0 to 1, taken as they are.
        y : array-like of shape (n_samples,)
            Their classes.

        Returns
        -------
        self : RBMClassifier
            The model, with `temperature_` set.
        """
        logits = self._logits(X)
        y = np.asarray(y)
        if y.shape != (len(logits),):
            raise ValueError(f"y: expected {len(logits)} class labels, found an array of shape {y.shape}")
        labels = np.minimum(np.searchsorted(self.classes_, y), len(self.classes_) - 1)
        others = y[self.classes_[labels] != y].tolist()
        if others:
            raise ValueError(f"y: expected classes of the model, found {others[0]!r}")
        self.temperature_ = temperature_scale(logits, labels)
        return self

    def sample(
        self, label: Any, n: int = 1, steps: int = 1000, *, probabilities: bool = False, random_state: Any = None
    ) -> NDArray[Any]:
        """Draw features from p(x|y) of a class by Gibbs sampling from noise.

        Parameters
        ----------
        label : object
            One of `classes_`.
        n : int, default=1
            Chains, each of which gives one sample.
        steps : int, default=1000
            Gibbs steps per chain.
        probabilities : bool, default=False
            Whether to return p(x|h) of the last step instead.
        random_state : int, RandomState instance, Generator or None, default=None
            Seed; that of the estimator if None.

        Returns
        -------
        x : ndarray of shape (n, n_features)
            Zeros and ones (uint8), or probabilities (float32).
        """
        check_is_fitted(self)
        found = np.flatnonzero(self.classes_ == label)
        if len(found) != 1:
            raise ValueError(f"label: expected one of {self.classes_.tolist()}, found {label!r}")
        parameters = (
            in_c_order(self.components_),
            in_c_order(self.intercept_visible_),
            self.intercept_hidden_ + self.label_components_[:, found[0]],
        )
        return self._sampled(parameters, n, steps, None, probabilities, random_state)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the model to a safetensors file, which ``bitspin rbm`` reads.

        Parameters
        ----------
        path : str or os.PathLike
            The file; an earlier one is replaced.
        """
        parameters, classes = self._exact(), self.classes_
        if classes.dtype.kind not in "biufUO" or not all(isinstance(c, (bool, int, float, str)) for c in classes.tolist()):
            raise ValueError(f"classes_: expected numbers or strings to save, found an array of {classes.dtype}")
        settings = {
            "params": settings_of(self),
            "n_iter": self.n_iter_,
            "classes": classes.tolist(),
            "dtype": classes.dtype.str,
        }
        metadata = {
            "model": "rbm with label units",
            "epochs": str(self.n_iter_),
            "temperature": repr(float(self.temperature_)),
            KEY: json.dumps(settings),
        }
        write_model(path, parameters, len(classes), metadata)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> "RBMClassifier":
        """Read a model from a safetensors file, of this class or of ``bitspin rbm train --labels``.

        Parameters
        ----------
        path : str or os.PathLike
            The file.

        Returns
        -------
        RBMClassifier
            A fitted model. The classes of a file that does not name them are 0, 1 and so on.
        """
        parameters, count, metadata = read_model(path)
        if not count:
            raise ValueError(f"{path}: expected an RBM with label units, found none; use RBM.load")
        settings = json.loads(metadata.get(KEY, "{}"))
        model = cls(**{**settings.get("params", {}), "n_components": len(parameters[0])})
        model.classes_ = np.array(settings.get("classes", range(count)), settings.get("dtype"))
        model.temperature_ = float(metadata.get("temperature", 1))
        model._set_parameters(*parameters)
        model.n_iter_ = settings.get("n_iter", 0)
        return model
