"""Training that RBM and RBMClassifier share."""

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from ._checks import check_count, check_flag, check_seed, check_threads, in_c_order, training_threads
from ._native import Trainer, initial_parameters, initial_visible_bias, sample
from ._plan import plan_of
from ._progress import progress_bar
from ._rows import packed


class TrainedModel(BaseEstimator):
    """An estimator whose parameters a trainer of the engine learns.

    Between fits it holds the trainer, with its chains, generators and velocities, in ``_trainer``; in a pickle its bytes.
    """

    def _begin(self, X, epochs, classes=0, **settings):
        """Set up a run on X and return the rows. There are label units if there are classes."""
        threads = check_threads(self.threads)
        self._seed_ = check_seed(self.random_state)
        rows = packed(X, check_flag(self.clip, "clip"), threads)
        plan = {**plan_of(self, epochs, self._seed_), **settings}
        w, visible_bias, hidden_bias = initial_parameters(X.shape[1], self._hidden_units(), self._seed_)
        plan["threads"] = training_threads(self.threads, w.size, plan["batch"])
        if plan["starts_from_means"]:
            visible_bias = initial_visible_bias(rows, self._seed_, threads)
        if classes:
            w = np.hstack([w, np.zeros((len(w), classes), np.float32)])
            visible_bias = np.concatenate([visible_bias, np.zeros(classes, np.float32)])
        self._trainer = Trainer((w, visible_bias, hidden_bias), X.shape[0], plan, classes)
        self._plan = plan
        self.n_iter_, self.history_ = 0, []
        return rows

    def _learn(self, rows, epochs, labels=None):
        """Train for some epochs. The attributes are set from what was learned, also when an exception ends it."""
        total = epochs * rows.count
        try:
            with progress_bar(self.verbose, total, "rows", type(self).__name__) as report:
                for _ in range(epochs):
                    rate = self._trainer.learning_rate
                    figures = self._trainer.epoch(rows, labels, report)
                    self.history_.append({"learning_rate": rate, **figures})
                    self.n_iter_ = self._trainer.epochs
        finally:
            self._keep()

    def _keep(self):
        """Set the parameters from the trainer."""
        self._set_parameters(*self._trainer.parameters())

    def _exact(self):
        """Float parameters as the engine takes them: W, b and c in float32."""
        check_is_fitted(self)
        return tuple(in_c_order(values, np.float32) for values in self._parameters())

    def _seeded(self, random_state):
        """The seed of a method: that of its argument, or else the estimator's."""
        return check_seed(self.random_state if random_state is None else random_state)

    def _sampled(self, parameters, n, steps, rows, probabilities, random_state):
        """Visible units of n chains from rows or noise, or p(v|h) of the last step."""
        run = {
            "chains": check_count(n, "n"),
            "steps": check_count(steps, "steps"),
            "seed": self._seeded(random_state),
            "threads": check_threads(self.threads),
        }
        with progress_bar(self.verbose, run["steps"], "steps", "sample") as report:
            bits, p = sample(parameters, run, rows, report)
        return p if check_flag(probabilities, "probabilities") else bits.view(np.uint8)

    def __getstate__(self):
        state = super().__getstate__()
        trainer = state.get("_trainer")
        return state if trainer is None else {**state, "_trainer": trainer.state()}

    def __setstate__(self, state):
        super().__setstate__(state)
        if isinstance(self.__dict__.get("_trainer"), bytes):
            self._trainer = Trainer.resume(self._trainer, self._plan)
