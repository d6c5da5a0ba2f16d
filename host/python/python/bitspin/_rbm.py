"""Restricted Boltzmann machines."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.base import ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from . import _native
from ._checks import check_choice, check_count, check_flag, check_threads
from ._likelihood import LogLikelihood, annealed, exact
from ._model_files import ModelFile
from ._progress import progress_bar
from ._rows import checked, float_dtype, packed, real_rows

#: Rows that NumPy works on at once.
_BLOCK = 1024


class RBM(ClassNamePrefixFeaturesOutMixin, TransformerMixin, ModelFile):
    r"""Restricted Boltzmann machine (RBM) of binary units.

    The energy of visible units v and hidden units h is :math:`E(v, h) = -v^T W^T h - b^T v - c^T h` with W of shape
    (n_components, n_features), and :math:`p(v, h) = e^{-E(v, h)} / Z`.

    Values between 0 and 1 are probabilities, by which bits are drawn afresh in every epoch. Zeros and ones are packed to
    bits, multiples of 1/255 to bytes, and other values stay in X.

    One ``random_state`` gives the same parameters with any number of threads and on any CPU, and those of
    ``bitspin rbm train --seed`` with the same settings. For X of zeros and ones its option ``--binarise threshold`` is to
    be given.

    Parameters
    ----------
    n_components : int, default=256
        Number of hidden units.
    preset : {"lecture", "quick", "best"} or None, default=None
        Settings that go together, of those arguments that are None. "lecture" is 2 epochs of CD-1; "quick" is 50 epochs of
        PCD-5 in minibatches of 100, visible biases from the data, learning rate 0.05 falling linearly to 0; "best" is the
        same for 800 epochs. None is "lecture" with minibatches of 16, for 10 epochs.
    method : {"cd", "pcd"}, default=None
        Where Gibbs chains start: at the rows (contrastive divergence), or where they were (persistent).
    steps, final_steps : int, default=None
        Gibbs steps per minibatch in the first and in the last epoch.
    learning_rate, final_learning_rate : float, default=None
        Step along the mean gradient of a minibatch, at the beginning and at the end of the last epoch.
    schedule : {"inverse", "linear", "exponential", "cosine"}, default=None
        How the learning rate falls. "inverse" is ``learning_rate / (1 + decay * epoch)``; the others reach
        `final_learning_rate`, whose default is 0, for "exponential" a hundredth of `learning_rate`.
    decay : float, default=None
        Decay of the inverse schedule.
    momentum : float, default=0.0
        Share of the velocity that is kept from one minibatch to the next.
    weight_decay : float, default=0.0
        L2 penalty: each minibatch shrinks the weights by the learning rate times this.
    l1 : float, default=0.0
        L1 penalty: each minibatch moves the weights towards zero by the learning rate times this.
    sparsity_target : float, default=None
        Target for the mean activation of each hidden unit.
    sparsity_cost : float, default=0.1
        Weight of the sparsity target.
    centred : bool, default=False
        Whether to use the centred gradient, in which units are counted from their means.
    visible_bias : {"zero", "data"}, default=None
        Initial visible biases: zero, or the log-odds of each feature in X.
    batch_size, final_batch_size : int, default=None
        Rows per minibatch in the first and in the last epoch.
    n_iter : int, default=None
        Epochs: passes over the rows.
    clip : bool, default=False
        Whether to clip X to [0, 1]; else values outside are refused.
    random_state : int, RandomState instance, Generator or None, default=None
        Seed.
    threads : int, default=None
        Number of threads; None is all cores, but one for learning from small minibatches. Results do not depend on it.
    verbose : int, default=0
        Whether to show progress bars.

    Attributes
    ----------
    components_ : ndarray of shape (n_components, n_features), float32
        Weights W.
    intercept_visible_, intercept_hidden_ : ndarray of shape (n_features,) and (n_components,), float32
        Biases b and c.
    n_iter_ : int
        Epochs that are over.
    history_ : list of dict
        Figures of every epoch: ``learning_rate``, ``seconds``, ``rows``, and ``reconstruction_mse`` (for CD).
    n_features_in_ : int
        Number of features seen during fit.

    See Also
    --------
    BernoulliRBM : In place of scikit-learn's class of that name.
    RBMClassifier : An RBM with label units.

    Examples
    --------
    >>> import numpy as np
    >>> from bitspin import RBM
    >>> X = np.repeat([[1, 1, 0, 0], [0, 0, 1, 1]], 50, axis=0)
    >>> model = RBM(n_components=2, batch_size=10, n_iter=100, random_state=0).fit(X)
    >>> model.complete([[1, np.nan, np.nan, 0]]).round().astype(int)
    array([[1, 1, 0, 0]])
    >>> model.log_likelihood(X, method="exact").value > -2
    True
    """

    def __init__(
        self,
        n_components: int = 256,
        *,
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

    def fit(self, X: Any, y: Any = None) -> "RBM":
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
        self : RBM
            The fitted model.
        """
        rows = self._begin(checked(self, X, reset=True), epochs=10)
        self._learn(rows, self._plan["epochs"])
        return self

    def partial_fit(self, X: Any, y: Any = None) -> "RBM":
        """Train for one epoch on X, from the current parameters, chains and velocities.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Values from 0 to 1.
        y : None
            Ignored.

        Returns
        -------
        self : RBM
            The fitted model.
        """
        X = checked(self, X, reset=not hasattr(self, "components_"))
        if not hasattr(self, "components_"):
            rows = self._begin(X, epochs=10)
        elif not hasattr(self, "_trainer"):
            start = self._exact()
            rows = self._begin(X, epochs=10)
            self._trainer = _native.Trainer(start, rows.count, self._plan, 0)
        else:
            rows = packed(X, check_flag(self.clip, "clip"), check_threads(self.threads))
            self._trainer.set_rows(rows.count)
        self._learn(rows, 1)
        return self

    def _hidden_units(self):
        return check_count(self.n_components, "n_components")

    def _set_parameters(self, w, visible_bias, hidden_bias):
        self.components_, self.intercept_visible_, self.intercept_hidden_ = w, visible_bias, hidden_bias
        self.n_features_in_ = w.shape[1]

    def _parameters(self):
        return self.components_, self.intercept_visible_, self.intercept_hidden_

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags

    @property
    def _n_features_out(self):
        return len(self.components_)

    def _rows(self, X, form=packed):
        """Rows of X for a fitted model, and the dtype of results."""
        check_is_fitted(self)
        X = checked(self, X, reset=False)
        return form(X, check_flag(self.clip, "clip"), check_threads(self.threads)), float_dtype(X)

    def transform(self, X: Any) -> NDArray[Any]:
        """Compute the probabilities of the hidden units, p(h=1|v=X).

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Values from 0 to 1, taken as they are.

        Returns
        -------
        h : ndarray of shape (n_samples, n_components)
            Probabilities: float32 for X of float32, else float64.
        """
        rows, dtype = self._rows(X, real_rows)
        found = np.empty((rows.count, len(self.components_)), dtype)
        _native.hidden_probabilities(self._exact(), rows, found, check_threads(self.threads))
        return found

    def reconstruct(self, X: Any) -> NDArray[Any]:
        """Compute the probabilities of the visible units given those of the hidden units given X (mean field).

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Values from 0 to 1, taken as they are.

        Returns
        -------
        v : ndarray of shape (n_samples, n_features)
            Probabilities: float32 for X of float32, else float64.
        """
        h = self.transform(X)
        v = np.empty((len(h), self.n_features_in_), h.dtype)
        for start in range(0, len(h), _BLOCK):
            block = slice(start, start + _BLOCK)
            expit(h[block] @ self.components_ + self.intercept_visible_, out=v[block])
        return v

    def complete(
        self, X: Any, *, burn_in: int = 100, steps: int = 200, samples: bool = False, random_state: Any = None
    ) -> NDArray[Any]:
        """Fill in missing values, which are NaN, given the others.

        Known values are clamped while the others are drawn by Gibbs sampling.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Zeros, ones and NaN.
        burn_in : int, default=100
            Gibbs steps before `steps`, from all missing values zero.
        steps : int, default=200
            Gibbs steps over which p(v|h) is averaged.
        samples : bool, default=False
            Whether to return a sample of zeros and ones instead of probabilities.
        random_state : int, RandomState instance, Generator or None, default=None
            Seed; that of the estimator if None.

        Returns
        -------
        X : ndarray of shape (n_samples, n_features)
            X with a probability, or with `samples` 0 or 1, in place of each NaN: float32 for X of float32, else float64.
        """
        check_is_fitted(self)
        X = validate_data(
            self, X, reset=False, dtype=(np.float64, np.float32), ensure_all_finite="allow-nan", copy=True
        )
        known = ~np.isnan(X)
        if not np.isin(X[known], (0, 1)).all():
            found = X[known & (X != 0) & (X != 1)][0]
            raise ValueError(f"X: expected 0, 1 and NaN, found {found}")
        plan = {
            "burn_in": check_count(burn_in, "burn_in", least=0),
            "steps": check_count(steps, "steps"),
            "seed": self._seeded(random_state),
            "threads": check_threads(self.threads),
        }
        with progress_bar(self.verbose, len(X), "rows", "complete") as report:
            probabilities, sample = _native.complete(self._exact(), 0, X == 1, known, plan, report)
        missing = ~known
        X[missing] = (sample if check_flag(samples, "samples") else probabilities)[missing]
        return X

    def sample(
        self,
        n: int = 1,
        steps: int = 1000,
        *,
        start: Any = None,
        probabilities: bool = False,
        random_state: Any = None,
    ) -> NDArray[Any]:
        """Draw visible units from the model by Gibbs sampling.

        Parameters
        ----------
        n : int, default=1
            Chains, each of which gives one sample.
        steps : int, default=1000
            Gibbs steps per chain.
        start : {array-like, sparse matrix} of shape (n_start, n_features), default=None
            Rows at which the chains start, in turn; None is noise.
        probabilities : bool, default=False
            Whether to return p(v|h) of the last step instead.
        random_state : int, RandomState instance, Generator or None, default=None
            Seed; that of the estimator if None. An int gives the samples of ``bitspin rbm sample --seed``.

        Returns
        -------
        v : ndarray of shape (n, n_features)
            Zeros and ones (uint8), or probabilities (float32).
        """
        rows = None if start is None else self._rows(start)[0]
        return self._sampled(self._exact(), n, steps, rows, probabilities, random_state)

    def free_energy(self, X: Any) -> NDArray[np.float64]:
        """Compute the free energy F(v) = -b'v - sum_j ln(1 + exp(c_j + W_j v)) of every row.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Values from 0 to 1, taken as they are.

        Returns
        -------
        f : ndarray of shape (n_samples,)
            In nats.
        """
        rows, _ = self._rows(X, real_rows)
        return _native.free_energies(self._exact(), rows, check_threads(self.threads))

    def score_samples(self, X: Any) -> NDArray[np.float64]:
        """Compute -F(v) of every row: ln p(v) but for the constant ln Z.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Values from 0 to 1, taken as they are.

        Returns
        -------
        scores : ndarray of shape (n_samples,)
            In nats; the larger, the more likely.
        """
        return -self.free_energy(X)

    def pseudo_log_likelihood(self, X: Any, *, random_state: Any = None) -> NDArray[np.float64]:
        """Compute sum_i ln p(v_i | other features) of every row, over all features.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Values from 0 to 1; bits are drawn once from values between.
        random_state : int, RandomState instance, Generator or None, default=None
            Seed of these bits; that of the estimator if None.

        Returns
        -------
        scores : ndarray of shape (n_samples,)
            In nats.
        """
        rows, _ = self._rows(X)
        seed, threads = self._seeded(random_state), check_threads(self.threads)
        return _native.pseudo_log_likelihoods(self._exact(), rows, seed, threads)

    def log_likelihood(
        self,
        X: Any,
        method: str = "ais",
        *,
        chains: int = 500,
        betas: int = 10_000,
        rounds: int = 2000,
        random_state: Any = None,
    ) -> LogLikelihood:
        """Compute or estimate the mean of ln p(v) over the rows.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Values from 0 to 1; bits are drawn once from values between.
        method : {"ais", "exact"}, default="ais"
            Annealed importance sampling from both sides, or enumeration of the smaller layer, of up to 24 units.
        chains, betas : int, default=500 and 10_000
            Chains and inverse temperatures of annealing, each way.
        rounds : int, default=2000
            Rounds of parallel tempering, by which the reverse chains get samples of a model that cannot be enumerated.
        random_state : int, RandomState instance, Generator or None, default=None
            Seed; that of the estimator if None.

        Returns
        -------
        LogLikelihood
            The estimate, both ends and their errors.
        """
        rows, _ = self._rows(X)
        check_choice(method, "method", ("ais", "exact"))
        seed, threads = self._seeded(random_state), check_threads(self.threads)
        if method == "exact":
            return exact(self._exact(), rows, seed, threads)
        settings = {
            "chains": check_count(chains, "chains", least=2),
            "betas": check_count(betas, "betas", most=65_536),
            "rounds": check_count(rounds, "rounds"),
            "seed": seed,
            "threads": threads,
        }
        return annealed(self._exact(), rows, settings, self.verbose)
