"""Pages on which a person sees what the App wrote, and presses its buttons. No scripts: forms and links."""

from dataclasses import dataclass
from typing import Any

import jinja2
from aiohttp import web
from markupsafe import Markup

from bot.localhub.checks import Checks
from bot.localhub.conversation import Conversation, labels_on
from bot.localhub.markdown import html
from bot.localhub.model import CheckAction, CheckRun, PullRequest, PullRequestState
from bot.localhub.refusals import Unprocessable
from bot.localhub.world import World
from bot.message import Message, say
from bot.text import Language, render

# A sign for every conclusion: its shape says as much as its colour.
_SIGNS = {"SUCCESS": "✓", "FAILURE": "✕", "NEUTRAL": "–", "ACTION_REQUIRED": "!"}
_WAITING = "…"

_CONCLUSIONS = {
    "SUCCESS": say("success"),
    "FAILURE": say("failure"),
    "NEUTRAL": say("neutral"),
    "ACTION_REQUIRED": say("action required"),
}
_STATES = {
    PullRequestState.OPEN: say("Open"),
    PullRequestState.CLOSED: say("Closed"),
    PullRequestState.MERGED: say("Merged"),
}
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True, slots=True)
class CheckView:
    """A check run as the page shows it; `summary` and `text` are HTML."""

    number: int
    name: str
    kind: str
    sign: str
    outcome: str
    title: str
    summary: Markup
    text: Markup
    actions: tuple[CheckAction, ...]


class Pages:
    """The pages of one world."""

    def __init__(self, world: World, checks: Checks) -> None:
        self._world = world
        self._checks = checks
        loader = jinja2.PackageLoader("bot.localhub")
        self._templates = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined)

    def routes(self) -> list[web.RouteDef]:
        """The pages' routes."""
        return [
            web.get("/", self.repositories),
            web.get(r"/{owner}/{name}/pull/{number:\d+}", self.pull),
            web.get(r"/{owner}/{name}/runs/{run:\d+}", self.run),
            web.post(r"/{owner}/{name}/runs/{run:\d+}/actions", self.press),
        ]

    async def repositories(self, request: web.Request) -> web.Response:
        """Every repository with its pull requests, the newest first."""
        language, world = _language(request), self._world
        found = [
            (one, [(pull, self._checks_on(pull, language)) for pull in world.pulls_of(one)[::-1]])
            for one in world.repositories.values()
        ]
        words = {
            "title": render(say("Repositories"), language),
            "none": render(say("No pull requests yet."), language),
        }
        states = {state: render(word, language) for state, word in _STATES.items()}
        return self._page("repositories.html", language, words=words, repositories=found, states=states)

    async def pull(self, request: web.Request) -> web.Response:
        """One pull request: the App's checks on its head, and what was said about it."""
        names = request.match_info
        repository = self._world.repository(f"{names['owner']}/{names['name']}")
        if repository is None:
            raise web.HTTPNotFound
        pull = self._world.pulls.get((repository.database_id, int(names["number"])))
        if pull is None:
            raise web.HTTPNotFound
        language = _language(request)
        words = {
            "back": render(say("Repositories"), language),
            "none": render(say("No check has reported on this commit yet."), language),
            "state": render(_state(pull), language),
            "labels": render(say("Labels"), language),
            "conversation": render(say("Conversation"), language),
        }
        return self._page(
            "pull.html",
            language,
            words=words,
            pull=pull,
            head=_head(pull),
            repository=repository,
            sender=request.query.get("as", self._world.keeper(repository).login),
            checks=self._checks_on(pull, language),
            waiting=self._waiting(pull, language),
            labels=labels_on(self._world, pull),
            entries=await Conversation(self._world, language).entries(pull),
        )

    async def run(self, request: web.Request) -> web.Response:
        """A check run is shown on the page of a pull request that it speaks of."""
        raise web.HTTPFound(self._page_of(self._named_run(request)))

    async def press(self, request: web.Request) -> web.Response:
        """A button was pressed; the App hears of it, and the page is shown again."""
        if request.headers.get("Origin", self._world.url) != self._world.url:
            raise web.HTTPForbidden
        run, form = self._named_run(request), await request.post()
        sender = self._world.accounts.get(str(form.get("sender", "")).lower())
        if sender is None:
            raise web.HTTPBadRequest
        try:
            await self._checks.press(run, str(form.get("identifier", "")), by=sender)
        except Unprocessable as error:
            raise web.HTTPUnprocessableEntity(text=str(error)) from error
        raise web.HTTPSeeOther(self._page_of(run))

    def _named_run(self, request: web.Request) -> CheckRun:
        run = self._world.runs.get(int(request.match_info["run"]))
        if run is None:
            raise web.HTTPNotFound
        return run

    def _page_of(self, run: CheckRun) -> str:
        repository = self._world.repositories[run.repository]
        pulls = [one for one in self._world.pulls_of(repository) if one.head_ref_oid == run.head_oid]
        return f"/{repository.name_with_owner}/pull/{pulls[-1].number}" if pulls else "/"

    def _checks_on(self, pull: PullRequest, language: Language) -> list[CheckView]:
        suite = self._world.suites.get((pull.repository, pull.head_ref_oid))
        runs = self._world.runs_of(suite, latest=True) if suite else []
        return [self._view(run, language) for run in runs]

    def _waiting(self, pull: PullRequest, language: Language) -> str | None:
        """The word for checks that were asked for again; until then they show what they said before."""
        suite = self._world.suites.get((pull.repository, pull.head_ref_oid))
        return render(say("waiting"), language) if suite and suite.rerequested else None

    def _view(self, run: CheckRun, language: Language) -> CheckView:
        outcome: Message = _CONCLUSIONS.get(run.conclusion or "", say("waiting"))
        return CheckView(
            number=run.database_id,
            name=run.name,
            kind=(run.conclusion or "waiting").lower(),
            sign=_SIGNS.get(run.conclusion or "", _WAITING),
            outcome=render(outcome, language),
            title=run.title or "",
            summary=html(run.summary or ""),
            text=html(run.text or ""),
            actions=run.actions,
        )

    def _page(self, template: str, language: Language, **values: Any) -> web.Response:
        text = self._templates.get_template(template).render(language=language, **values)
        return web.Response(text=text, content_type="text/html", headers=_HEADERS)


def _state(pull: PullRequest) -> Message:
    return say("Draft") if pull.is_open and pull.is_draft else _STATES[pull.state]


def _head(pull: PullRequest) -> str:
    owner = pull.head_repository_owner
    return f"{owner.login}:{pull.head_ref_name}" if pull.is_cross_repository and owner else pull.head_ref_name


def _language(request: web.Request) -> Language:
    """Korean for who asks for it, English for everybody else."""
    asked = request.query.get("language", request.headers.get("Accept-Language", ""))
    return Language.KO if asked.lower().startswith("ko") else Language.EN
