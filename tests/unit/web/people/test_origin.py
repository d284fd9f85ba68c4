"""A form is read as ours are written, and not waited for without end."""

from unittest.mock import Mock

import pytest
from aiohttp import StreamReader
from aiohttp.test_utils import make_mocked_request

from service.web.people.origin import Origin
from service.web.refusals import Refused

FORM = "application/x-www-form-urlencoded"


async def sent(body: bytes | None, kind: str = FORM) -> dict[str, str]:
    """The fields of a body; of None nothing ever arrives, and nothing is waited for."""
    payload = StreamReader(Mock(), 2**16)
    if body is not None:
        payload.feed_data(body)
        payload.feed_eof()
    headers = {"Content-Type": kind, "Content-Length": str(len(body or b"x"))}
    request = make_mocked_request("POST", "/", headers=headers, payload=payload)
    return dict(await Origin(None, 10.0 if body is not None else 0.0).form(request, "token"))


@pytest.mark.parametrize("charset", ["", "; charset=utf-8", "; charset=bogus", "; charset=rot13"])
async def test_a_form_is_utf_8_whatever_its_sender_says(charset: str) -> None:
    fields = await sent("csrf=token&reason=%ED%95%9C국&next=".encode(), FORM + charset)
    assert fields == {"csrf": "token", "reason": "한국", "next": ""}


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"csrf=token&x=\xff\xfe", 400), (b"csrf=token&x=%ff", 400), (b"csrf=%F0token", 400), (None, 408)],
)
async def test_what_is_no_form_is_refused(body: bytes | None, status: int) -> None:
    with pytest.raises(Refused) as refused:
        await sent(body)
    assert refused.value.status == status
