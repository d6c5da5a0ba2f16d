"""Boltzmann machines."""

import os
import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse
from sklearn.base import BaseEstimator, DensityMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.validation import check_is_fitted

from ._checks import check_choice, check_count, check_number, check_path, check_seed, check_threads, in_c_order
from ._couplings import check_finite
from ._ising import MOST_DRAWS
from ._native import (
    boltzmann_fit,
    boltzmann_load,
    boltzmann_measure,
    boltzmann_probabilities,
    boltzmann_sample,
    boltzmann_save,
    boltzmann_scores,
)
from ._progress import progress_bar
from ._rows import checked
from ._spins import as_kind, check_states

#: Estimators of the gradient.
METHODS = ("exact", "pcd", "tempering", "pseudo-likelihood", "ratio-matching", "flow")

#: Spins beyond which a model is not enumerated.
TOO_LARGE = "the model has more than 24 spins, or more than 12 hidden ones"

#: Parameters under their names in the metadata of files, and how they are read.
_METADATA = {
    "learning_rate": ("lr", float),
    "learning_rate_decay": ("lr_decay", float),
    "momentum": ("momentum", float),
    "weight_decay": ("weight_decay", float),
    "n_chains": ("chains", int),
    "sweeps": ("sweeps", int),
    "n_temperatures": ("temperatures", int),
    "random_state": ("seed", int),
}


class BoltzmannMachine(DensityMixin, BaseEstimator):
    """Boltzmann machine: an Ising model at beta = 1 that learns the distribution of patterns.

    Its spins are -1 or 1, with

        p(s) = exp(-E(s)) / Z,   E(s) = -1/2 sum_ij w_ij s_i s_j - sum_i h_i s_i,

    the first of them visible. Patterns are spins (-1 and 1) or bits (0 and 1); samples have the kind that was fitted.

    Parameters
    ----------
    method : {"exact", "pcd", "tempering", "pseudo-likelihood", "ratio-matching", "flow"}, default="exact"
        Gradient estimator. "exact" enumerates up to 24 spins; "pcd" and "tempering" take the thermal averages from
        persistent chains and from ladders of them; the others need no thermal average.
    n_hidden : int, default=0
        Number of hidden spins: at most 12, but for "pcd" and "tempering".
    epochs : int, default=None
        Steps, each along the gradient of all data; 300 for None, 1000 with "pcd" and "tempering".
    learning_rate : float, default=0.05
    learning_rate_decay : float, default=None
        The learning rate of epoch e, from 0, is ``learning_rate / (1 + learning_rate_decay * e)``; 0 for None, 0.005 with
        "pcd" and "tempering".
    momentum : float, default=None
        From 0 to below 1; 0.9 for None, 0.5 with "pcd" and "tempering".
    weight_decay : float, default=0.0
        L2 weight decay of the couplings.
    n_chains : int, default=256
        Persistent chains of "pcd", or ladders of "tempering".
    sweeps : int, default=4
        Sweeps of every chain per epoch.
    n_temperatures : int, default=8
        Temperatures of a ladder, of equal steps in beta up to 1.
    binarize : float, default=None
        Numbers above it are 1 and others 0, as by scikit-learn's BernoulliNB; None takes spins and bits only.
    random_state : int, numpy.random.RandomState, numpy.random.Generator or None, default=None
        An int gives the model of ``bitspin boltzmann train --seed``.
    threads : int, default=None
        Number of threads, which does not change the model; all cores for None.
    verbose : int, default=0
        Whether to show a progress bar.

    Attributes
    ----------
    couplings_ : ndarray of shape (n_spins, n_spins), float32
        w, visible spins first.
    fields_ : ndarray of shape (n_spins,), float32
        h.
    kind_ : {"spins", "bits"}
        The kind of numbers of the data.
    n_features_in_ : int
        Number of visible spins.
    n_iter_ : int
        Epochs that were trained.
    largest_gradient_ : ndarray of shape (n_iter_,)
        The largest component of the gradient of every epoch.
    seed_ : int
        The seed: as `random_state` it gives the same model.

    Examples
    --------
    >>> import numpy as np
    >>> from bitspin import BoltzmannMachine
    >>> X = np.array([[0, 0, 1], [1, 1, 0], [0, 0, 1], [1, 1, 1]])
    >>> model = BoltzmannMachine(random_state=1).fit(X)
    >>> model.score(X) > -1.1
    True
    >>> model.probabilities().shape
    (8,)
    """

    def __init__(
        self,
        method: str = "exact",
        n_hidden: int = 0,
        *,
        epochs: int | None = None,
        learning_rate: float = 0.05,
        learning_rate_decay: float | None = None,
        momentum: float | None = None,
        weight_decay: float = 0.0,
        n_chains: int = 256,
        sweeps: int = 4,
        n_temperatures: int = 8,
        binarize: float | None = None,
        random_state: Any = None,
        threads: int | None = None,
        verbose: int = 0,
    ) -> None:
        self.method = method
        self.n_hidden = n_hidden
        self.epochs = epochs
        self.learning_rate = learning_rate
        self.learning_rate_decay = learning_rate_decay
        self.momentum = momentum
        self.weight_decay = weight_decay
        self.n_chains = n_chains
        self.sweeps = sweeps
        self.n_temperatures = n_temperatures
        self.binarize = binarize
        self.random_state = random_state
        self.threads = threads
        self.verbose = verbose

    def fit(self, X: Any, y: Any = None) -> "BoltzmannMachine":
        """Learn the distribution of rows.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Spins (-1 and 1) or bits (0 and 1).
        y : None
            Ignored.

        Returns
        -------
        self

        Raises
        ------
        KeyboardInterrupt
            The model is what was learned in the whole epochs before.
        """
        check_choice(self.method, "method", METHODS)
        hidden = check_count(self.n_hidden, "n_hidden", least=0)
        options = self._options()
        seed, threads = check_seed(self.random_state), check_threads(self.threads)
        spins, kind = self._spins(X, reset=True)
        if spins.shape[1] + hidden < 2:
            raise ValueError("X: expected at least 2 spins, found 1 feature(s) and no hidden spins")
        epochs = options.get("epochs", 1000 if self.method in ("pcd", "tempering") else 300)
        with progress_bar(self.verbose, epochs, "epochs") as bar:
            (couplings, fields), gradients, raised = boltzmann_fit(
                spins, self.method, hidden, options, seed, threads, bar
            )
        if isinstance(raised, ValueError) and len(gradients) == 0:
            raise raised
        self.couplings_, self.fields_ = couplings, fields
        self.kind_ = kind or "spins"
        self.n_iter_ = len(gradients)
        self.largest_gradient_ = gradients
        self.seed_ = seed
        # What files say of the training; parameters may be set to others later.
        self._trained = self.method, options
        if raised is not None:
            raise raised
        return self

    def score_samples(self, X: Any) -> NDArray[np.float64]:
        """Log-likelihood ln p(v) of every row, hidden spins summed over, in nats.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Spins (-1 and 1) or bits (0 and 1).

        Returns
        -------
        ndarray of shape (n_samples,)
        """
        scores = boltzmann_scores(self._model(), self._check(X), check_threads(self.threads))
        if scores is None:
            raise ValueError(f"score_samples() enumerates all states: {TOO_LARGE}")
        return scores

    def score(self, X: Any, y: Any = None) -> float:
        """Mean log-likelihood of the rows in nats: :meth:`log_likelihood`.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Spins (-1 and 1) or bits (0 and 1).
        y : None
            Ignored.

        Returns
        -------
        float
        """
        return self.log_likelihood(X)

    def log_likelihood(self, X: Any) -> float:
        """Mean of ln p(v) over rows in nats, exact, of up to 24 spins.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Spins (-1 and 1) or bits (0 and 1).

        Returns
        -------
        float
        """
        _, cross_entropy, _ = self._measure(X)
        if cross_entropy is None:
            raise ValueError(f"log_likelihood() enumerates all states: {TOO_LARGE}")
        return -cross_entropy

    def pseudo_log_likelihood(self, X: Any) -> float:
        """Mean over rows of sum_i ln p(v_i | other visible spins) in nats, with up to 12 hidden spins.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Spins (-1 and 1) or bits (0 and 1).

        Returns
        -------
        float
        """
        found = self._measure(X)[2]
        if found is None:
            raise ValueError("pseudo_log_likelihood() sums over hidden spins: the model has more than 12")
        return found

    def probabilities(self) -> NDArray[np.float64]:
        """Probabilities p(v) of all states of the visible spins, of up to 16 visible spins.

        Returns
        -------
        ndarray of shape (2**n_features_in_,)
            Bit i of the number of a state is set where visible spin i is 1.
        """
        found = boltzmann_probabilities(self._model(), self.n_features_in_, check_threads(self.threads))
        if found is None:
            raise ValueError(f"probabilities() lists up to 2^16 states: {self.n_features_in_} visible spins, or {TOO_LARGE}")
        return found

    def sample(self, n_samples: int = 1, *, sweeps: int = 1500, random_state: Any = None) -> NDArray[np.int8]:
        """Draw visible states: each from a ladder of parallel tempering of its own that starts from noise.

        Parameters
        ----------
        n_samples : int, default=1
        sweeps : int, default=1500
            Sweeps of every ladder, at least 6.
        random_state : int, numpy.random.RandomState, numpy.random.Generator or None, default=None

        Returns
        -------
        ndarray of shape (n_samples, n_features_in_), int8

        Warns
        -----
        sklearn.exceptions.ConvergenceWarning
            If ladders have not mixed.
        """
        model = self._model()
        count = check_count(n_samples, "n_samples", most=1 << 20)
        sweeps = check_count(sweeps, "sweeps", least=6, most=1 << 20)
        if count * sweeps > MOST_DRAWS:
            raise ValueError(f"n_samples, sweeps: expected at most {MOST_DRAWS} draws in all, found {count * sweeps}")
        temperatures = check_count(self.n_temperatures, "n_temperatures", least=2, most=256)
        seed, threads = check_seed(random_state), check_threads(self.threads)
        with progress_bar(self.verbose, count * sweeps, "sweeps") as bar:
            states, apart, summary = boltzmann_sample(model, (count, temperatures, sweeps), seed, threads, bar)
        if apart:
            warnings.warn(summary, ConvergenceWarning, stacklevel=2)
        return as_kind(np.ascontiguousarray(states[:, : self.n_features_in_]), self.kind_)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write a safetensors file as ``bitspin boltzmann train`` does: float32 ``w`` and ``h``.

        Parameters
        ----------
        path : str or path-like
            A name that ends in .safetensors. An earlier file is replaced.
        """
        check_is_fitted(self)
        path = os.fspath(path)
        if not path.endswith(".safetensors"):
            raise ValueError(f"path: expected a name that ends in .safetensors, found {path!r}")
        hidden = len(self.fields_) - self.n_features_in_
        method, options = self._trained
        boltzmann_save(path, self._model(), method, hidden, options, self.seed_, self.n_iter_)

    @classmethod
    def load(cls, path: str | os.PathLike[str], *, kind: str = "spins") -> "BoltzmannMachine":
        """Read a model that :meth:`save` or ``bitspin boltzmann train`` wrote.

        Parameters
        ----------
        path : str or path-like
        kind : {"spins", "bits"}, default="spins"
            The kind of numbers of samples: files do not say it.
        """
        path = os.fspath(path)
        if kind not in ("spins", "bits"):
            raise ValueError(f"kind: expected 'spins' or 'bits', found {kind!r}")
        (couplings, fields), metadata = boltzmann_load(check_path(path))
        if metadata.get("model") != "boltzmann" or not metadata.get("visible", "").isdigit():
            raise ValueError(f"{path}: expected a Boltzmann machine, whose metadata say model=boltzmann and visible")
        visible = int(metadata["visible"])
        if not 1 <= visible <= len(fields):
            raise ValueError(f"{path}: expected 1 to {len(fields)} visible spins, found {visible}")
        known = {name: kind_of(metadata[key]) for name, (key, kind_of) in _METADATA.items() if key in metadata}
        model = cls(metadata.get("method", "exact"), len(fields) - visible, **known)
        model.couplings_, model.fields_ = couplings, fields
        model.kind_ = kind
        model.n_features_in_ = visible
        model.n_iter_ = int(metadata.get("epochs", 0))
        model.seed_ = int(metadata.get("seed", 0))
        model._trained = model.method, model._options()
        return model

    def _options(self):
        """Settings by name, those left out that are the method's defaults."""
        options = {
            "learning_rate": check_number(self.learning_rate, "learning_rate"),
            "weight_decay": check_number(self.weight_decay, "weight_decay"),
            "n_chains": check_count(self.n_chains, "n_chains", most=1 << 16),
            "sweeps": check_count(self.sweeps, "sweeps", most=1 << 20),
            "n_temperatures": check_count(self.n_temperatures, "n_temperatures", least=2, most=256),
        }
        if self.epochs is not None:
            options["epochs"] = check_count(self.epochs, "epochs", most=2**32)
        for name in ("learning_rate_decay", "momentum"):
            value = getattr(self, name)
            if value is not None:
                options[name] = check_number(value, name)
        return options

    def _model(self):
        check_is_fitted(self)
        couplings = in_c_order(self.couplings_, np.float32)
        return couplings, in_c_order(self.fields_, np.float32)

    def _measure(self, X):
        return boltzmann_measure(self._model(), self._check(X), check_threads(self.threads))

    def _check(self, X):
        check_is_fitted(self)
        return self._spins(X, reset=False)[0]

    def _spins(self, X, reset):
        """Rows as spins, and their kind."""
        X = checked(self, X, reset)
        if self.binarize is not None:
            threshold = check_number(self.binarize, "binarize")
            X = np.asarray(X.toarray() if issparse(X) else X)
            check_finite(X, "X")
            X = X > threshold
        return check_states(X, None, "X")[:2]

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags
