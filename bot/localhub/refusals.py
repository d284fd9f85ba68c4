"""What GitHub answers when it does not do as asked, once for REST (a status) and for GraphQL (a type).

Refused
├── BadCredentials     401   nobody can be told who asks
├── Forbidden          403   FORBIDDEN
├── NotFound           404   NOT_FOUND
├── MethodNotAllowed   405   a merge that is not to be, yet
├── Conflict           409   a merge that cannot be
├── StaleData          409   STALE_DATA
└── Unprocessable      422   UNPROCESSABLE
"""

from collections.abc import Mapping, Sequence

# What GitHub takes in one comment, in characters.
MOST_BODY = 65_536


class Refused(Exception):
    """An answer other than the one asked for; the message is for the caller to read.

    `errors` say field by field what is wrong, where REST does.
    """

    status = 400
    type = "BAD_REQUEST"

    def __init__(
        self,
        message: str,
        headers: Mapping[str, str] | None = None,
        errors: Sequence[Mapping[str, str]] = (),
    ) -> None:
        super().__init__(message)
        self.headers = dict(headers or {})
        self.errors = tuple(errors)


class BadCredentials(Refused):
    """No token, or one that proves nothing."""

    status = 401
    type = "UNAUTHORIZED"


class Forbidden(Refused):
    """A token that proves who asks, and that they may not."""

    status = 403
    type = "FORBIDDEN"


class NotFound(Refused):
    """No such thing, or none that the caller may know of."""

    status = 404
    type = "NOT_FOUND"


class MethodNotAllowed(Refused):
    """A pull request that may not be merged as it is."""

    status = 405
    type = "UNPROCESSABLE"


class Conflict(Refused):
    """A merge of commits that contradict each other, or that the protection of its branch refuses."""

    status = 409
    type = "UNPROCESSABLE"


class StaleData(Refused):
    """A branch that is no longer where the caller saw it."""

    status = 409
    type = "STALE_DATA"


class Unprocessable(Refused):
    """A request that is understood and cannot be done."""

    status = 422
    type = "UNPROCESSABLE"


def must_fit(name: str, text: object, most: int) -> None:
    """Refuse what is longer than GitHub takes. `name` is the field's."""
    if len(str(text)) > most:
        raise Unprocessable(f"{name} is too long (maximum is {most} characters)")


def must_be_text(name: str, text: str) -> None:
    """Refuse a text that GitHub will not publish: nothing but blanks, or more than 65,536 characters."""
    if not text.strip():
        raise Unprocessable(f"{name} can't be blank")
    must_fit(name, text, MOST_BODY)
