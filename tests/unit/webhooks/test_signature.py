"""Signatures: several secrets, constant time, SHA-256 alone. The example is GitHub's own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.webhooks.signature import is_signed, sign


def test_the_example_of_githubs_documentation() -> None:
    signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    assert is_signed(b"Hello, World!", signature, [b"It's a Secret to Everybody"])


@given(body=st.binary(), secrets=st.lists(st.binary(min_size=1), min_size=1, max_size=3), data=st.data())
def test_any_of_the_secrets_signs(body: bytes, secrets: list[bytes], data: st.DataObject) -> None:
    assert is_signed(body, sign(body, data.draw(st.sampled_from(secrets))), secrets)


@given(body=st.binary(), signature=st.text())
def test_nothing_else_signs(body: bytes, signature: str) -> None:
    assert not is_signed(body, signature, [b"secret"])


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "sha256=",
        "sha1=7d38cdd689735b008b3c702edd92eea23791c5f6",
        sign(b"body", b"other"),
        sign(b"bod", b"secret"),
        sign(b"body", b"secret").upper(),
        sign(b"body", b"secret").removeprefix("sha256="),
        sign(b"body", b"secret") + " ",
        "sha256=\udce9\uffff",
    ],
)
def test_a_wrong_signature_is_refused(signature: str) -> None:
    assert not is_signed(b"body", signature, [b"secret"])


def test_no_secret_is_never_everybody() -> None:
    with pytest.raises(ValueError, match="at least one"):
        is_signed(b"body", sign(b"body", b""), [])
