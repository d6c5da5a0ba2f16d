"""CD-1 as fast as plain PyTorch does it on a CPU: gradients by hand, all digits in memory, no loader.

Hidden probabilities in both statistics, as in the lecture; pixels are drawn afresh whenever a digit is used.
"""
import argparse

import digits
import numpy
import torch

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("data")
parser.add_argument("--epochs", type=int, default=2)
parser.add_argument("--threads", type=int, default=1)
parser.add_argument("--hidden", type=int, default=500)
parser.add_argument("--batch", type=int, default=64)
parser.add_argument("--lr", type=float, default=0.1)
parser.add_argument("--seed", type=int, default=1)
options = parser.parse_args()
torch.set_num_threads(options.threads)
torch.manual_seed(options.seed)


def sigmoid(field):
    return torch.sigmoid_(field)


def epoch(grey, w, visible_bias, hidden_bias):
    """Trains on every digit once. Returns the mean squared error of the reconstructions on the way."""
    batch, lr, errors = options.batch, options.lr, []
    order = torch.randperm(len(grey))
    for first in range(0, len(grey) - batch + 1, batch):
        data = torch.bernoulli(grey[order[first:first + batch]])
        p_hidden = sigmoid(torch.addmm(hidden_bias, data, w.t()))
        hidden = torch.bernoulli(p_hidden)
        p_visible = sigmoid(torch.addmm(visible_bias, hidden, w))
        chain = torch.bernoulli(p_visible)
        p_hidden_of_chain = sigmoid(torch.addmm(hidden_bias, chain, w.t()))
        w.addmm_(p_hidden.t(), data, alpha=lr / batch)
        w.addmm_(p_hidden_of_chain.t(), chain, alpha=-lr / batch)
        visible_bias.add_((data - chain).mean(0), alpha=lr)
        hidden_bias.add_((p_hidden - p_hidden_of_chain).mean(0), alpha=lr)
        errors.append((data - p_visible).square().mean().item())
    return sum(errors) / len(errors)


with torch.inference_mode():
    levels = digits.read(options.data)
    grey = torch.from_numpy(levels.astype(numpy.float32) / 255)
    visible = grey.shape[1]
    w = 0.01 * torch.randn(options.hidden, visible)
    visible_bias, hidden_bias = torch.zeros(visible), torch.zeros(options.hidden)
    clock = digits.Clock()
    running = []
    for _ in range(options.epochs):
        clock.start()
        running.append(epoch(grey, w, visible_bias, hidden_bias))
        clock.stop()
    digits.report(clock, w.numpy(), visible_bias.numpy(), hidden_bias.numpy(), levels, running_mse=running)
