"""The package as a whole: its import, its configuration, its native module."""

import os
import subprocess
import sys

import pytest

import bitspin


def run(code, **variables):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env={**os.environ, **variables})


def test_import_loads_nothing_that_is_slow():
    code = "import sys, bitspin; print([m for m in ('sklearn', 'scipy', 'dimod', 'networkx', 'tqdm', 'pandas') if m in sys.modules])"
    assert run(code).stdout.strip() == "[]"


def test_every_public_name_is_there():
    for name in bitspin.__all__:
        assert getattr(bitspin, name) is not None
    assert set(bitspin.__all__) == set(dir(bitspin))
    with pytest.raises(AttributeError, match="module 'bitspin' has no attribute 'Bernoulli'"):
        bitspin.Bernoulli


def test_the_configuration_is_shown(capsys):
    config = bitspin.show_config(mode="dicts")
    assert config["version"] == bitspin.__version__
    assert config["simd"] in config["simd_available"]
    bitspin.show_config()
    shown = capsys.readouterr().out
    assert f"simd:           {config['simd']}\n" in shown
    with pytest.raises(ValueError, match="mode: expected 'stdout' or 'dicts', found 'json'"):
        bitspin.show_config(mode="json")


def test_a_level_can_be_chosen_and_a_wrong_one_is_refused():
    config = bitspin.show_config(mode="dicts")
    code = "import bitspin; print(bitspin.show_config(mode='dicts')['simd'])"
    for level in config["simd_available"]:
        assert run(code, BITSPIN_SIMD=level).stdout.strip() == level
    wrong = run(code, BITSPIN_SIMD="mmx")
    assert wrong.returncode == 1
    assert wrong.stderr.splitlines()[-1].startswith("ValueError: BITSPIN_SIMD: expected ")
    assert wrong.stderr.splitlines()[-1].endswith(", found mmx")
