"""Whether GitHub sent it. Source: "Validating webhook deliveries", docs.github.com."""

import hmac
import re
from collections.abc import Sequence
from typing import Final

HEADER: Final = "X-Hub-Signature-256"
SHAPE: Final = re.compile("sha256=[0-9a-f]{64}")
_PREFIX: Final = "sha256="


def is_signed(body: bytes, signature: str, secrets: Sequence[bytes]) -> bool:
    """Whether `signature` is the HMAC-SHA256 of `body` under any of `secrets`, in constant time.

    Every secret is tried, whichever matches, so that the time taken tells nothing. SHA-1 is not accepted.
    """
    if not secrets:
        raise ValueError("expected at least one webhook secret")
    given = signature.encode("utf-8", "surrogateescape")
    matches = [hmac.compare_digest(sign(body, secret).encode(), given) for secret in secrets]
    return any(matches)


def sign(body: bytes, secret: bytes) -> str:
    """Return the header's value for a body, as GitHub makes it."""
    return f"{_PREFIX}{hmac.digest(secret, body, 'sha256').hex()}"
