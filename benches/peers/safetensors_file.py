"""Reads the parameters of a model.safetensors."""
import json
import pathlib

import numpy


def parameters(path):
    """W, v_bias and h_bias."""
    content = pathlib.Path(path).read_bytes()
    length = int.from_bytes(content[:8], "little")
    header, body = json.loads(content[8:8 + length]), content[8 + length:]

    def tensor(name):
        begin, end = header[name]["data_offsets"]
        return numpy.frombuffer(body[begin:end], "<f4").reshape(header[name]["shape"])

    return [tensor(name) for name in ("W", "v_bias", "h_bias")]
