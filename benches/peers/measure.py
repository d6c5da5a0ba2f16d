"""Measures a model.safetensors as the peers measure theirs. Usage: measure.py MODEL DATA"""
import json
import sys

import digits
import safetensors_file

parameters = safetensors_file.parameters(sys.argv[1])
print(json.dumps({"reconstruction_mse": digits.reconstruction_mse(*parameters, digits.read(sys.argv[2]))}))
