"""What a machine may lack."""

import os
from typing import NoReturn

import pytest


def lacking(reason: str) -> NoReturn:
    """Skip a test on a machine that lacks something; fail it in CI, where everything is tried."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
