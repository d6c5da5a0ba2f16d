"""Progress bars of long calls."""

import contextlib


@contextlib.contextmanager
def progress_bar(verbose, total, unit, description=None):
    """A callable that takes the number of steps done since its last call: a bar of tqdm.auto, or None if not verbose."""
    if not verbose:
        yield None
        return
    from tqdm.auto import tqdm

    with tqdm(total=total, unit=f" {unit}", desc=description, unit_scale=True) as bar:
        yield bar.update
