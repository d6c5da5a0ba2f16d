"""scikit-learn's Bernoulli RBM on the engine."""

import time
from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn import neural_network
from sklearn.base import _fit_context
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval
from sklearn.utils.validation import check_is_fitted, validate_data

from ._checks import check_seed, check_threads, in_c_order, training_threads
from ._native import Trainer, flip_changes, hidden_probabilities
from ._plan import PLAN
from ._rows import checked, clipped, float_dtype, numbers, packed

#: Most units of a layer.
MOST_UNITS = 65_536


class BernoulliRBM(neural_network.BernoulliRBM):
    """Bernoulli Restricted Boltzmann Machine (RBM), in place of scikit-learn's.

    Parameters, attributes and methods are those of :class:`sklearn.neural_network.BernoulliRBM`. It learns by persistent
    contrastive divergence (PCD-1) too, with these differences:

    - Values between 0 and 1 are probabilities, by which bits are drawn afresh in every iteration. scikit-learn takes them as
      they are. Multiples of 1/255 are stored as bytes; other values stay in `X`, with 32-bit random numbers.
    - Rows are taken in another order in every iteration.
    - A minibatch has as many chains as rows. In `partial_fit`, X is one minibatch; where it has more rows than
      `batch_size`, chains are added, which start with all hidden units off.
    - Fields are 16-bit integers whose precision adapts to the weights; parameters are float32.
    - One `random_state` gives the same bits with any number of threads, on any CPU.

    Parameters
    ----------
    n_components : int, default=256
        Number of hidden units.
    learning_rate : float, default=0.1
        Step along the mean gradient of a minibatch.
    batch_size : int, default=10
        Rows per minibatch.
    n_iter : int, default=10
        Passes over the rows.
    verbose : int, default=0
        Whether to print the pseudo-likelihood after every pass.
    random_state : int, RandomState instance or None, default=None
        Seed of the initial weights, of the chains, and of the features that `score_samples` flips.
    threads : int, default=None
        Number of threads; None is all cores, but one for learning from small minibatches. Results do not depend on it.
    clip : bool, default=False
        Whether to clip X to [0, 1]. Without it, `fit` and `partial_fit` refuse values outside, and the other methods take
        them as they are, as scikit-learn does.

    Attributes
    ----------
    components_ : ndarray of shape (n_components, n_features)
        Weights.
    intercept_hidden_ : ndarray of shape (n_components,)
        Biases of the hidden units.
    intercept_visible_ : ndarray of shape (n_features,)
        Biases of the visible units.
    h_samples_ : ndarray of shape (batch_size, n_components)
        Hidden units of the persistent chains. There are more rows after `partial_fit` of more rows than `batch_size`.
    n_features_in_ : int
        Number of features seen during fit.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of features seen during fit, if all are strings.

    See Also
    --------
    RBM : All learning methods of the engine, sampling and likelihoods.

    Examples
    --------
    >>> import numpy as np
    >>> from bitspin import BernoulliRBM
    >>> X = np.array([[0, 0, 0], [0, 1, 1], [1, 0, 1], [1, 1, 1]])
    >>> model = BernoulliRBM(n_components=2, random_state=0).fit(X)
    >>> model.transform(X).shape
    (4, 2)
    """

    _parameter_constraints: dict = {
        **neural_network.BernoulliRBM._parameter_constraints,
        "n_components": [Interval(Integral, 1, MOST_UNITS, closed="both")],
        "threads": [Interval(Integral, 1, 256, closed="both"), None],
        "clip": ["boolean"],
    }

    def __init__(
        self,
        n_components: int = 256,
        *,
        learning_rate: float = 0.1,
        batch_size: int = 10,
        n_iter: int = 10,
        verbose: int = 0,
        random_state: Any = None,
        threads: int | None = None,
        clip: bool = False,
    ) -> None:
        super().__init__(
            n_components,
            learning_rate=learning_rate,
            batch_size=batch_size,
            n_iter=n_iter,
            verbose=verbose,
            random_state=random_state,
        )
        self.threads = threads
        self.clip = clip

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any = None) -> "BernoulliRBM":
        """Learn from X, starting anew.

        An interrupt (Ctrl-C) stops it after the current minibatch; the attributes hold what was learned.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Values from 0 to 1.
        y : None
            Ignored.

        Returns
        -------
        self : BernoulliRBM
            The fitted model.
        """
        X = checked(self, X, reset=True)
        random = check_random_state(self.random_state)
        batch = min(self.batch_size, X.shape[0])
        self.h_samples_ = np.zeros((self.batch_size, self.n_components), float_dtype(X))
        trainer, rows = self._trainer(X, self._start(X, random), batch, random)
        begin = time.time()
        try:
            for iteration in range(1, self.n_iter + 1):
                trainer.epoch(rows)
                if self.verbose:
                    self._keep(trainer)
                    end = time.time()
                    score = self.score_samples(X).mean()
                    print(
                        f"[{type(self).__name__}] Iteration {iteration}, pseudo-likelihood = {score:.2f}, "
                        f"time = {end - begin:.2f}s"
                    )
                    begin = end
        finally:
            self._keep(trainer)
        return self

    @_fit_context(prefer_skip_nested_validation=True)
    def partial_fit(self, X: Any, y: Any = None) -> "BernoulliRBM":
        """Take one gradient step along X, from the current parameters and persistent chains.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Values from 0 to 1, at most 65,536 rows: one minibatch.
        y : None
            Ignored.

        Returns
        -------
        self : BernoulliRBM
            The fitted model.
        """
        first_pass = not hasattr(self, "components_")
        X = checked(self, X, reset=first_pass)
        count = X.shape[0]
        if not hasattr(self, "random_state_"):
            self.random_state_ = check_random_state(self.random_state)
        if first_pass:
            start = self._start(X, self.random_state_)
            self.h_samples_ = np.zeros((self.batch_size, self.n_components), float_dtype(X))
        else:
            start = self._parameters()
        if count > len(self.h_samples_):
            added = np.zeros((count - len(self.h_samples_), self.h_samples_.shape[1]), self.h_samples_.dtype)
            self.h_samples_ = np.concatenate([self.h_samples_, added])
        trainer, rows = self._trainer(X, start, count, self.random_state_)
        trainer.set_hidden_states(np.ascontiguousarray(self.h_samples_[:count] != 0))
        trainer.epoch(rows)
        self._keep(trainer)
        return self

    def _start(self, X, random):
        """W, b and c to start from: scikit-learn's."""
        hidden, visible = self.n_components, X.shape[1]
        w = random.normal(0, 0.01, (hidden, visible)).astype(np.float32)
        return w, np.zeros(visible, np.float32), np.zeros(hidden, np.float32)

    def _trainer(self, X, start, batch, random):
        """A run from W, b and c, and the rows of X."""
        rows = packed(X, self.clip, check_threads(self.threads))
        plan = {
            **PLAN,
            "batch": batch,
            "epochs": max(self.n_iter, 1),
            "learning_rate": self.learning_rate,
            "persistent": True,
            "seed": check_seed(random),
            "threads": training_threads(self.threads, start[0].size, batch),
        }
        return Trainer(start, X.shape[0], plan, 0), rows

    def _keep(self, trainer):
        """Set the attributes from a run."""
        dtype = self.h_samples_.dtype
        w, visible_bias, hidden_bias = trainer.parameters()
        self.components_ = w.astype(dtype, copy=False)
        self.intercept_visible_ = visible_bias.astype(dtype, copy=False)
        self.intercept_hidden_ = hidden_bias.astype(dtype, copy=False)
        states = trainer.hidden_states()
        self.h_samples_[: len(states)] = states
        self._n_features_out = len(self.components_)

    def _parameters(self):
        """W, b and c as the engine takes them."""
        parameters = self.components_, self.intercept_visible_, self.intercept_hidden_
        return tuple(in_c_order(values, np.float32) for values in parameters)

    def transform(self, X: Any) -> NDArray[Any]:
        """Compute the probabilities of the hidden units, p(h=1|v=X).

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Values of the visible units.

        Returns
        -------
        h : ndarray of shape (n_samples, n_components)
            Probabilities.
        """
        check_is_fitted(self)
        X = validate_data(self, X, accept_sparse="csr", reset=False, dtype=(np.float64, np.float32))
        return self._mean_hiddens(clipped(X) if self.clip else X)

    def gibbs(self, v: Any) -> NDArray[np.bool_]:
        """Perform one Gibbs sampling step, on NumPy's random stream.

        Parameters
        ----------
        v : {array-like, sparse matrix} of shape (n_samples, n_features)
            Values of the visible units to start from.

        Returns
        -------
        v_new : ndarray of shape (n_samples, n_features)
            Values of the visible units after one step.
        """
        check_is_fitted(self)
        v = validate_data(self, v, accept_sparse="csr", reset=False, dtype=(np.float64, np.float32))
        return super().gibbs(clipped(v) if self.clip else v)

    def _mean_hiddens(self, v):
        """Compute the probabilities p(h=1|v)."""
        start = self._exact_parameters()
        if start is None or np.ndim(v) != 2:
            return super()._mean_hiddens(v)
        dtype = np.result_type(v.dtype, self.components_.dtype)
        found = np.empty((v.shape[0], len(self.components_)), np.float32 if dtype == np.float32 else np.float64)
        hidden_probabilities(start, numbers(v), found, check_threads(self.threads))
        return found

    def _exact_parameters(self):
        """W, b and c as the engine takes them; None if that would round them."""
        start = self._parameters()
        given = self.components_, self.intercept_visible_, self.intercept_hidden_
        exact = all(np.array_equal(mine, theirs) for mine, theirs in zip(start, given))
        return start if exact else None

    def score_samples(self, X: Any) -> NDArray[np.float64]:
        """Compute the pseudo-likelihood of X.

        One feature of each row, drawn at random, is flipped.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Values of the visible units.

        Returns
        -------
        pseudo_likelihood : ndarray of shape (n_samples,)
            n_features times ln p(feature | other features).
        """
        check_is_fitted(self)
        X = validate_data(self, X, accept_sparse="csr", reset=False)
        if self.clip:
            X = clipped(X)
        start = self._exact_parameters()
        if start is None:
            return super().score_samples(X)
        count, features = X.shape
        flipped = check_random_state(self.random_state).randint(0, features, count)
        changes = flip_changes(start, numbers(X), flipped.astype(np.uint32), check_threads(self.threads))
        return -features * np.logaddexp(0, -changes)
