"""Addresses within this site that come from outside it."""

from typing import Final
from urllib.parse import urlsplit

from aiohttp import web

READING: Final = ("GET", "HEAD")


def local(address: str) -> str:
    """The address where it is a path of this site, else `/`: nobody is sent elsewhere by a link."""
    path = address.startswith("/") and not address.startswith(("//", "/\\"))
    return address if path and address.isprintable() else "/"


def page_of(request: web.Request) -> str:
    """The page that a request asks for with its query; of a form that was sent, the page that it was on."""
    if request.method in READING:
        return local(request.path_qs)
    try:
        sent = urlsplit(request.headers.get("Referer", ""))
    except ValueError:
        return "/"
    return local(sent._replace(scheme="", netloc="", fragment="").geturl())
