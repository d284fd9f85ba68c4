"""Who is at the other end of a connection, as far as it proves itself."""

from ipaddress import ip_address
from typing import Final

from aiohttp import web

# Whoever sends one of these speaks for somebody else, who may be anywhere.
_FORWARDED: Final = ("Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP")


def is_on_this_machine(request: web.Request) -> bool:
    """Whether somebody on this very machine asks, at a loopback address, and no proxy for others.

    The name that was asked for must be one of this machine as well: a page of the Internet may let its own
    name mean 127.0.0.1 (DNS rebinding).
    """
    proxied = any(name in request.headers for name in _FORWARDED)
    host = request.url.host or ""
    return not proxied and _is_loopback(request.remote or "") and (host == "localhost" or _is_loopback(host))


def _is_loopback(host: str) -> bool:
    try:
        address = ip_address(host)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback
