"""Who is at the other end of a connection, as far as it proves itself."""

from ipaddress import ip_address
from typing import Final

from aiohttp import HttpVersion11, web
from yarl import URL

# Whoever sends one of these speaks for somebody else, who may be anywhere.
_FORWARDED: Final = ("Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP")


def is_on_this_machine(request: web.Request, public_url: str) -> bool:
    """Whether somebody on this very machine asks, at a loopback address, and no proxy for others.

    The name that was asked for must be one of this machine as well: a page of the Internet may let its own
    name mean 127.0.0.1 (DNS rebinding). Where `public_url` is elsewhere, a proxy may stand before it that
    says nothing of those it speaks for, so nobody is; and such a proxy may still speak HTTP/1.0.
    """
    silent = not _names_this_machine(URL(public_url)) or request.version < HttpVersion11
    proxied = silent or any(name in request.headers for name in _FORWARDED)
    return not proxied and _is_loopback(request.remote or "") and _names_this_machine(request.url)


def _names_this_machine(url: URL) -> bool:
    return url.host == "localhost" or _is_loopback(url.host or "")


def _is_loopback(host: str) -> bool:
    try:
        address = ip_address(host)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback
