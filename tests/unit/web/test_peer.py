"""Who is at the other end of a connection."""

from unittest.mock import Mock

import pytest
from aiohttp.test_utils import make_mocked_request

from service.web.peer import is_on_this_machine


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
    transport = Mock()
    transport.get_extra_info.side_effect = lambda name, default=None: (
        (peer, 4711) if name == "peername" else default
    )
    request = make_mocked_request("GET", "/", headers={"Host": "127.0.0.1:8080"}, transport=transport)
    assert is_on_this_machine(request) is expected
