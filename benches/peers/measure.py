"""Measures a model.safetensors as the peers measure theirs. Usage: measure.py MODEL DATA"""
import json
import pathlib
import sys

import digits
import numpy

content = pathlib.Path(sys.argv[1]).read_bytes()
length = int.from_bytes(content[:8], "little")
header, body = json.loads(content[8:8 + length]), content[8 + length:]


def tensor(name):
    begin, end = header[name]["data_offsets"]
    return numpy.frombuffer(body[begin:end], "<f4").reshape(header[name]["shape"])


parameters = (tensor(name) for name in ("W", "v_bias", "h_bias"))
print(json.dumps({"reconstruction_mse": digits.reconstruction_mse(*parameters, digits.read(sys.argv[2]))}))
