"""Who is at the other end of a connection."""

from typing import Any
from unittest.mock import Mock

import pytest
from aiohttp import HttpVersion10, HttpVersion11, web
from aiohttp.test_utils import make_mocked_request

from service.web.people.peer import is_on_this_machine


@pytest.mark.parametrize(
    ("peer", "expected"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("::ffff:192.0.2.7", False),
        ("192.0.2.7", False),
        ("10.0.0.1", False),
        ("", False),
    ],
)
def test_only_a_loopback_address_is_this_machine(peer: str, expected: bool) -> None:
    assert is_on_this_machine(asking(peer), "http://localhost:8080") is expected


@pytest.mark.parametrize(
    ("version", "public_url", "expected"),
    [
        (HttpVersion11, "http://127.0.0.1:8080", True),
        (HttpVersion11, "http://[::1]:8080", True),
        (HttpVersion11, "https://signalbox.example.com", False),
        (HttpVersion11, "http://10.0.0.1:8080", False),
        (HttpVersion10, "http://localhost:8080", False),
    ],
)
def test_a_proxy_that_says_nothing_is_not_this_machine(version: Any, public_url: str, expected: bool) -> None:
    assert is_on_this_machine(asking("127.0.0.1", version), public_url) is expected


def asking(peer: str, version: Any = HttpVersion11) -> web.Request:
    """A request as a bare proxy on this machine sends it on."""
    transport = Mock()
    transport.get_extra_info.side_effect = lambda name, default=None: (
        (peer, 4711) if name == "peername" else default
    )
    headers = {"Host": "127.0.0.1:8080"}
    return make_mocked_request("GET", "/", headers=headers, version=version, transport=transport)
