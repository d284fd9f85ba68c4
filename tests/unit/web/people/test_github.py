"""What the control room asks of GitHub: only addresses that are GitHub's, and nothing taken for granted."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from service.web.people.github import GitHub, GitHubAway, GitHubRefused, OAuth, Repository, SignedOut, Token

NOWHERE = "http://127.0.0.1:9"


@asynccontextmanager
async def answering(answer: Callable[[web.Request], web.Response]) -> AsyncIterator[GitHub]:
    """A GitHub that answers everything in one way."""

    async def handle(request: web.Request) -> web.Response:
        return answer(request)

    app = web.Application()
    app.router.add_route("*", "/{anything:.*}", handle)
    async with TestServer(app) as server:
        github = GitHub(str(server.make_url("")), NOWHERE, OAuth("id", "hush"))
        yield github
        await github.close()


@pytest.mark.parametrize(
    "name", ["acme/..", "../user", "acme/shop?x", "acme/a b", "acme/sh\u00f6p", "acme", "/"]
)
async def test_a_name_that_no_repository_can_have_is_not_asked_for(name: str) -> None:
    asked: list[str] = []

    def answer(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.json_response({"message": "Not Found"}, status=404)

    async with answering(answer) as github:
        assert await github.repository("ghu_x", name) is None
        with pytest.raises(GitHubRefused):
            await github.convert("../user")
    assert asked in ([], ["/repos/acme"])


@pytest.mark.parametrize(
    ("status", "headers", "error"),
    [
        (401, {}, SignedOut),
        (403, {}, GitHubRefused),
        (403, {"retry-after": "60"}, GitHubAway),
        (403, {"x-ratelimit-remaining": "0"}, GitHubAway),
        (422, {}, GitHubRefused),
        (429, {}, GitHubAway),
        (500, {}, GitHubAway),
        (302, {"Location": NOWHERE}, GitHubRefused),
    ],
)
async def test_each_refusal_says_what_to_do_next(
    status: int, headers: dict[str, str], error: type[Exception]
) -> None:
    async with answering(lambda _: web.Response(status=status, headers=headers)) as github:
        with pytest.raises(error):
            await github.comment("ghu_x", "acme/shop", 1, "hello")


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"id": "x", "full_name": "a/b"}'])
async def test_an_answer_that_is_none_is_no_answer(body: str) -> None:
    async with answering(lambda _: web.Response(text=body)) as github:
        with pytest.raises(GitHubAway):
            await github.repository("ghu_x", "acme/shop")


async def test_a_network_that_is_away() -> None:
    github = GitHub(NOWHERE, NOWHERE, None)
    with pytest.raises(GitHubAway):
        await github.repository("ghu_x", "acme/shop")
    await github.close()


async def test_every_page_is_followed_and_none_elsewhere() -> None:
    def answer(request: web.Request) -> web.Response:
        page = int(request.query.get("page", "1"))
        if request.path == "/user/installations":
            return web.json_response({"installations": [{"id": 5}, {"id": 6, "suspended_at": "2026-05-15"}]})
        assert request.path == "/user/installations/5/repositories"
        url = request.url.update_query(page=page + 1) if page < 3 else "http://127.0.0.1:9/elsewhere"
        link = {} if page == 3 else {"Link": f'<{url}>; rel="next"'}
        return web.json_response(
            {"repositories": [{"id": page, "full_name": "a/b", "default_branch": "main"}]}, headers=link
        )

    async with answering(answer) as github:
        assert await github.installed("ghu_x") == {1, 2, 3}

    def elsewhere(_: web.Request) -> web.Response:
        return web.json_response({"installations": []}, headers={"Link": f'<{NOWHERE}/>; rel="next"'})

    async with answering(elsewhere) as github:
        with pytest.raises(GitHubAway, match="shall not see a token"):
            await github.installed("ghu_x")


def test_what_is_secret_shows_in_no_repr() -> None:
    shown = repr((OAuth("id", "hush"), Token("ghu_hush", 5), Repository(1, "acme/shop", "main")))
    assert "hush" not in shown
