"""The lecture's own script, out of the text of the lecture, up to the end of its training.

The text may have lost the script's indentation, and is given it back. Of the program itself three things are changed:
where it looks for MNIST, that it does not download it, and that a clock runs along; pictures are left out.
"""
import argparse
import ast
import gzip
import pathlib
import shutil
import tempfile

import digits
import torch

NAMES = [f"{split}-{what}" for split in ("train", "t10k") for what in ("images-idx3-ubyte", "labels-idx1-ubyte")]


def script(text):
    """The lines of the script that trains the machine."""
    lines = text[text.index("#!/usr/bin/env python3"):].splitlines()
    for at, line in enumerate(lines):
        if line.startswith("def show_and_save"):
            return lines[:at]
    raise SystemExit("error: the text does not hold the lecture's script")


def indented(lines):
    """The lines with their indentation, which is as it was or, where all was lost, follows from the statements."""
    if any(line.startswith((" ", "\t")) for line in lines):
        return lines
    result, level, body, in_class, in_text = [], 0, 0, False, False
    for line in lines:
        if line == "#":
            # A lone mark divides the script into parts.
            level, body, in_class = 0, 0, False
        elif line.startswith("def ") and in_class:
            level, body = 1, 2
        elif line.startswith("return"):
            level = body
        elif line.startswith('print("Training'):
            level = 1
        result.append("    " * level + line)
        if line.count('"""') == 1:
            in_text = not in_text
        if in_text:
            continue
        in_class = in_class or line.startswith("class ")
        if line.startswith(("def ", "for ", "class ")) and line.split("#")[0].rstrip().endswith(":"):
            level += 1
    return result


class Adapted(ast.NodeTransformer):
    """The three changes."""

    def __init__(self, directory):
        self.directory = directory

    def visit_Import(self, node):
        return None if any(name.name.startswith("matplotlib") for name in node.names) else node

    def visit_Constant(self, node):
        return ast.Constant(self.directory) if node.value == "./data" else node

    def visit_keyword(self, node):
        if node.arg == "download":
            return ast.keyword("download", ast.Constant(False))
        return self.generic_visit(node)

    def visit_For(self, node):
        # Only the outermost loop of the module is one over epochs: this does not look inside.
        if getattr(node.target, "id", None) == "epoch":
            start, stop = ast.parse("_clock.start()\n_clock.stop()").body
            node.body = [start, *node.body, stop]
            node.iter = ast.parse("range(_epochs)", mode="eval").body
        return node


def unpack(data, root):
    """The four files where torchvision looks for them."""
    raw = root / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for name in NAMES:
        source = data / name
        if source.exists():
            shutil.copy(source, raw / name)
        else:
            (raw / name).write_bytes(gzip.decompress(source.with_name(name + ".gz").read_bytes()))


parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("lecture", type=pathlib.Path)
parser.add_argument("data", type=pathlib.Path)
parser.add_argument("--epochs", type=int, default=2)
parser.add_argument("--threads", type=int, default=1)
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--show", action="store_true", help="print the script instead of running it")
options = parser.parse_args()
torch.set_num_threads(options.threads)
torch.manual_seed(options.seed)
with tempfile.TemporaryDirectory() as root:
    program = ast.parse("\n".join(indented(script(options.lecture.read_text()))))
    program = ast.fix_missing_locations(Adapted(root).visit(program))
    if options.show:
        raise SystemExit(ast.unparse(program))
    unpack(options.data, pathlib.Path(root))
    names = {"_clock": digits.Clock(), "_epochs": options.epochs, "print": lambda *_: None}
    exec(compile(program, "the lecture's script", "exec"), names)
model = names["model"]
w, visible_bias, hidden_bias = (p.detach().numpy() for p in (model.W, model.v_bias, model.h_bias))
digits.report(names["_clock"], w, visible_bias, hidden_bias, digits.read(options.data))
