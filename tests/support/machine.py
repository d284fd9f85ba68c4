"""What a machine may lack, and how servers are started on it."""

import os
import pwd
import shutil
import socket
from pathlib import Path
from typing import NoReturn

import pytest


def lacking(reason: str) -> NoReturn:
    """Skip a test on a machine that lacks something; fail it in CI, where everything is tried."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def binary(name: str, elsewhere: str) -> Path | None:
    """A program on the path, or the newest one where its package hides it (a pattern below /usr)."""
    on_path = shutil.which(name)
    installed = sorted(Path("/usr").glob(elsewhere))
    return Path(on_path) if on_path else (installed[-1] if installed else None)


def account(preferred: str) -> str | None:
    """Servers refuse to run as root: the account to run one as, None for our own."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return preferred if preferred in known else "nobody"


def free_port() -> int:
    """A port of the loopback address on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
