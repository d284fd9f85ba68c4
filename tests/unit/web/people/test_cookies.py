"""Sealed cookies: they end, their secrets can be replaced, and none passes for another."""

from datetime import UTC, datetime, timedelta

from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from service.web.people.cookies import Cookie, Jar
from service.web.people.session import Attempt, Notice, Session
from service.web.viewer import Person

NOW = datetime(2026, 5, 15, tzinfo=UTC)


def brought(cookie: Cookie[Notice], value: str) -> web.Request:
    return make_mocked_request("GET", "/", headers={"Cookie": f"{cookie.name}={value}"})


def sealed(cookie: Cookie[Notice], seconds: int | None = None) -> str:
    answer = web.Response()
    cookie.write(answer, Notice("done"), seconds)
    return answer.cookies[cookie.name].value


def a_cookie(*secrets: str, name: str = "notice", after: int = 0) -> Cookie[Notice]:
    return Cookie(Jar(secrets, False, lambda: NOW + timedelta(seconds=after)), name, Notice, 60)


def test_what_is_written_is_read_until_its_end() -> None:
    value = sealed(a_cookie("one"))
    for after, expected in ((0, Notice("done")), (59, Notice("done")), (60, None)):
        cookie = a_cookie("one", after=after)
        assert cookie.read(brought(cookie, value)) == expected
    late = a_cookie("one", after=5)
    assert late.read(brought(late, sealed(a_cookie("one"), 5))) is None
    assert late.read(brought(late, sealed(a_cookie("one"), 6))) is not None


def test_no_cookie_lasts_longer_than_its_kind() -> None:
    cookie = a_cookie("one", after=61)
    assert cookie.read(brought(cookie, sealed(a_cookie("one"), 9999))) is None


def test_secrets_are_replaced_one_after_another() -> None:
    value, both, new = sealed(a_cookie("old")), a_cookie("new", "old"), a_cookie("new")
    assert both.read(brought(both, value)) == Notice("done")
    assert new.read(brought(new, value)) is None
    assert new.read(brought(new, sealed(both))) == Notice("done")


def test_a_cookie_of_another_name_or_kind_is_none() -> None:
    other = a_cookie("one", name="session")
    assert other.read(brought(other, sealed(a_cookie("one")))) is None
    kind = Cookie(Jar(("one",), False, lambda: NOW), "notice", Attempt, 60)
    request = make_mocked_request("GET", "/", headers={"Cookie": f"notice={sealed(a_cookie('one'))}"})
    assert kind.read(request) is None


def test_what_is_secret_shows_in_no_repr() -> None:
    shown = repr(Session(Person(1, "mina"), "ghu_x", "csrf-x")) + repr(Attempt("state-x", "verifier-x"))
    assert "mina" in shown
    assert "-x" not in shown.replace("ghu_x", "-x")
    assert "one" not in repr(Jar(("one",), secure=True)).replace("None", "")
