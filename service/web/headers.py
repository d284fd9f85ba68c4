"""The headers that keep a browser from doing with these pages what they are not for."""

from typing import Final

from aiohttp import web

_PERMISSIONS: Final = ("camera", "display-capture", "geolocation", "microphone", "payment", "usb")
_YEAR_SECONDS: Final = 365 * 86_400


def policy(form_to: str = "") -> str:
    """The Content-Security-Policy of a page: no script or style but our own files.

    `form_to` is the origin of another site to which a form of the page leads.
    """
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data:",
            "connect-src 'self'",
            f"form-action 'self' {form_to}".rstrip(),
            "frame-ancestors 'none'",
            "base-uri 'none'",
        )
    )


class Headers:
    """Adds to every answer what it does not say itself; a signal of aiohttp, `on_response_prepare`.

    `secure` says that the control room is reached by HTTPS, and shall always be.
    """

    def __init__(self, *, secure: bool) -> None:
        self._headers = {
            "Content-Security-Policy": policy(),
            "X-Content-Type-Options": "nosniff",
            # Not "no-referrer": with that a browser would not name the origin of our own forms.
            "Referrer-Policy": "same-origin",
            "Permissions-Policy": ", ".join(f"{name}=()" for name in _PERMISSIONS),
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
        }
        if secure:
            self._headers["Strict-Transport-Security"] = f"max-age={_YEAR_SECONDS}"

    async def add(self, request: web.Request, answer: web.StreamResponse) -> None:
        """Add them."""
        for name, value in self._headers.items():
            answer.headers.setdefault(name, value)
        answer.headers.setdefault("Cache-Control", _caching(request.path))


def _caching(path: str) -> str:
    """What is ours may be kept and asked about; a page is for one person, at one moment."""
    return "no-cache" if path.startswith("/static/") else "private, no-store"
