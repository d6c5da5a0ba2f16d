"""The likelihood of an RBM that PyTorch trained.

Reads a state dict that `safetensors.torch.save_file` wrote (pytorch/train.py made it), and measures the log-likelihood of
digits by annealed importance sampling from both ends. A state dict in memory works the same: `RBM.from_state_dict(rbm.state_dict())`.
"""

from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

from bitspin import RBM

X = (load_digits().data >= 8.0).astype(np.float32)
rbm = RBM.load(Path(__file__).parent / "pytorch" / "rbm.safetensors")
print(f"{rbm.n_features_in_} visible and {len(rbm.intercept_hidden_)} hidden units")
likelihood = rbm.log_likelihood(X, method="ais", random_state=0)
print(likelihood)
