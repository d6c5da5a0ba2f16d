"""What this installation is, for bug reports."""

from ._native import config


def show_config(mode="stdout"):
    """Show the version of bitspin, the SIMD instructions that it uses and the threads that it may use.

    Parameters
    ----------
    mode : {"stdout", "dicts"}, default="stdout"
        Print it, or return it as a dict.

    Returns
    -------
    dict or None
        ``version``, ``target``, ``simd`` (the level in use), ``simd_available`` (the levels of this CPU; the environment
        variable ``BITSPIN_SIMD`` selects one), ``threads``, ``python``, ``numpy``, ``sklearn``.

    Examples
    --------
    >>> import bitspin
    >>> bitspin.show_config(mode="dicts")["simd"] in ("portable", "sse2", "avx2", "avx512")
    True
    """
    if mode not in ("stdout", "dicts"):
        raise ValueError(f"mode: expected 'stdout' or 'dicts', found {mode!r}")
    import platform
    from importlib.metadata import version

    found = config()
    found["python"] = platform.python_version()
    found["numpy"] = version("numpy")
    found["sklearn"] = version("scikit-learn")
    if mode == "dicts":
        return found
    for name, value in found.items():
        print(f"{name + ':':15} {', '.join(value) if isinstance(value, list) else value}")
    return None
