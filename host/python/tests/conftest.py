"""What all tests share."""

import signal

import pytest


@pytest.fixture(autouse=True, scope="session")
def interrupts_raise():
    """Ctrl-C raises KeyboardInterrupt, also where this process was started in the background and inherits an ignored SIGINT."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
