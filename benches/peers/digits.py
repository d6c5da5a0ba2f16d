"""The training digits, and the measure that all programs are held to."""
import gzip
import json
import pathlib
import time

import numpy


def read(directory, name="train-images-idx3-ubyte"):
    """The grey levels of a split, an image a row."""
    path = pathlib.Path(directory, name)
    content = path.read_bytes() if path.exists() else gzip.decompress(path.with_name(name + ".gz").read_bytes())
    magic, count, rows, columns = numpy.frombuffer(content, ">u4", 4)
    if magic != 2051:
        raise SystemExit(f"error: {path} is no IDX file of images")
    return numpy.frombuffer(content, numpy.uint8, offset=16).reshape(count, rows * columns)


def sigmoid(x):
    return 1 / (1 + numpy.exp(-x))


def reconstruction_mse(w, visible_bias, hidden_bias, grey, count=10_000):
    """Mean (v - p(v|h))^2 over pixels and the first digits; v is drawn from grey levels, h given v. w: hidden x visible."""
    random = numpy.random.default_rng(20)
    v = random.random((min(count, len(grey)), grey.shape[1])) < grey[:count] / 255
    p_hidden = sigmoid(v @ w.T + hidden_bias)
    h = random.random(p_hidden.shape) < p_hidden
    p_visible = sigmoid(h @ w + visible_bias)
    return float(numpy.square(v - p_visible).mean())


class Clock:
    """Counts the seconds of training, epoch after epoch."""

    def __init__(self):
        self.seconds = []
        self.begin = None

    def start(self):
        self.begin = time.perf_counter()

    def stop(self):
        self.seconds.append(time.perf_counter() - self.begin)


def report(clock, *measured, **more):
    """The one line that a peer prints; `measured` is what `reconstruction_mse` takes."""
    print(json.dumps({"seconds": clock.seconds, "reconstruction_mse": reconstruction_mse(*measured), **more}))
