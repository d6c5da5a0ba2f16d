"""Trains an RBM on digits with PyTorch alone, and saves its state dict to rbm.safetensors.

This made the file that ../pytorch_likelihood.py reads. It needs torch and safetensors.
"""

import torch
from safetensors.torch import save_file
from sklearn.datasets import load_digits

torch.manual_seed(0)
data = torch.tensor(load_digits().data >= 8.0, dtype=torch.float32)


class RBM(torch.nn.Module):
    """E(v, h) = -h'Wv - b'v - c'h."""

    def __init__(self, visible, hidden):
        super().__init__()
        self.W = torch.nn.Parameter(0.01 * torch.randn(hidden, visible))
        self.v_bias = torch.nn.Parameter(torch.zeros(visible))
        self.h_bias = torch.nn.Parameter(torch.zeros(hidden))

    def gibbs(self, v):
        h = torch.bernoulli(torch.sigmoid(v @ self.W.T + self.h_bias))
        return torch.bernoulli(torch.sigmoid(h @ self.W + self.v_bias))

    def free_energy(self, v):
        return -(v @ self.v_bias) - torch.nn.functional.softplus(v @ self.W.T + self.h_bias).sum(dim=1)


rbm = RBM(64, 64)
optimiser = torch.optim.SGD(rbm.parameters(), lr=0.05)
chains = torch.bernoulli(torch.full((100, 64), 0.5))
for epoch in range(200):
    for batch in data[torch.randperm(len(data))].split(100):
        with torch.no_grad():
            chains = rbm.gibbs(chains)
        loss = rbm.free_energy(batch).mean() - rbm.free_energy(chains).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
save_file(rbm.state_dict(), "rbm.safetensors")
