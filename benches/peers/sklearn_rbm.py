"""scikit-learn's BernoulliRBM, which trains by persistent contrastive divergence.

It takes the data as they are, so the pixels are drawn once, before the clock starts. Its threads are those of its BLAS.
"""
import argparse

import digits
import numpy
from sklearn.neural_network import BernoulliRBM

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("data")
parser.add_argument("--epochs", type=int, default=2)
parser.add_argument("--hidden", type=int, default=500)
parser.add_argument("--batch", type=int, default=64)
parser.add_argument("--lr", type=float, default=0.1)
parser.add_argument("--seed", type=int, default=1)
options = parser.parse_args()


class Timed(BernoulliRBM):
    """Tells the clock where epochs begin and end: `fit` calls `_fit` for every minibatch."""

    def _fit(self, minibatch, random):
        if self.done % self.minibatches == 0:
            self.clock.start()
        super()._fit(minibatch, random)
        self.done += 1
        if self.done % self.minibatches == 0:
            self.clock.stop()


levels = digits.read(options.data)
drawn = numpy.random.default_rng(options.seed).random(levels.shape, dtype=numpy.float32) < levels / numpy.float32(255)
drawn = drawn.astype(numpy.float32)
model = Timed(options.hidden, learning_rate=options.lr, batch_size=options.batch, n_iter=options.epochs,
              random_state=options.seed)
model.clock, model.done, model.minibatches = digits.Clock(), 0, -(-len(drawn) // options.batch)
model.fit(drawn)
if len(model.clock.seconds) != options.epochs:
    raise SystemExit("error: this version of scikit-learn does not call _fit once a minibatch")
digits.report(model.clock, model.components_, model.intercept_visible_, model.intercept_hidden_, levels)
