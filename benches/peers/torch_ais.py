"""Annealed importance sampling as fast as plain PyTorch does it on a CPU: all chains in one batch, float32.

The base-rate model, the temperatures and the weights are those of `bitspin rbm eval --ais`. Usage: torch_ais.py MODEL DATA
"""
import argparse
import json
import math
import time

import digits
import numpy
import safetensors_file
import torch

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("model")
parser.add_argument("data")
parser.add_argument("--chains", type=int, default=500)
parser.add_argument("--betas", type=int, default=10_000)
parser.add_argument("--threads", type=int, default=1)
parser.add_argument("--seed", type=int, default=1)
options = parser.parse_args()
torch.set_num_threads(options.threads)
torch.manual_seed(options.seed)


def base_biases(levels):
    """Log-odds of the expected bits, smoothed by 5% of set and of clear ones."""
    rate = (levels.mean(0) / 255 + 0.05) / 1.1
    return torch.from_numpy(numpy.log(rate / (1 - rate)).astype(numpy.float32))


def anneal(w, b, c, a):
    """The ln-weights of all chains."""
    steps, transposed = options.betas, w.t().contiguous()
    ln_weights = torch.zeros(options.chains, dtype=torch.float64)
    visible = torch.bernoulli(torch.sigmoid(a).expand(options.chains, -1))
    for k in range(steps):
        beta, following = k / steps, (k + 1) / steps
        field = torch.addmm(c, visible, transposed)
        softplus = torch.nn.functional.softplus
        hidden_part = (softplus(following * field) - softplus(beta * field)).sum(1)
        ln_weights += hidden_part + (following - beta) * (visible @ (b - a))
        if k + 1 < steps:
            hidden = torch.bernoulli(field.mul_(following).sigmoid_())
            field = torch.addmm((1 - following) * a + following * b, hidden, w, alpha=following)
            visible = torch.bernoulli(field.sigmoid_())
    return ln_weights


with torch.inference_mode():
    w, b, c = (torch.from_numpy(tensor.copy()) for tensor in safetensors_file.parameters(options.model))
    a = base_biases(digits.read(options.data))
    begin = time.perf_counter()
    ln_weights = anneal(w, b, c, a)
    seconds = time.perf_counter() - begin
    base = torch.nn.functional.softplus(a.double()).sum() + len(c) * math.log(2)
    ln_mean = torch.logsumexp(ln_weights, 0) - math.log(options.chains)
    weights = torch.softmax(ln_weights, 0)
    print(json.dumps({
        "seconds": seconds,
        "ln_z_ais": float(base + ln_mean),
        "ln_z_ais_effective_sample_size": float(1 / weights.square().sum()),
    }))
