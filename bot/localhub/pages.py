"""Pages on which a person sees what the App wrote, presses its buttons, and merges."""

from dataclasses import dataclass
from typing import cast, get_args

from aiohttp import web
from markupsafe import Markup

from bot.localhub.checks import Checks
from bot.localhub.conversation import Conversation, labels_on
from bot.localhub.discussion import IssueState
from bot.localhub.markdown import html
from bot.localhub.model import Account, CheckAction, CheckRun, PullRequest, PullRequestState
from bot.localhub.pulls import MergeMethod, Pulls
from bot.localhub.refusals import Refused, Unprocessable
from bot.localhub.rendering import Rendering, language_of, must_come_from_here, named_repository
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
_STATES: dict[PullRequestState | IssueState, Message] = {
    PullRequestState.OPEN: say("Open"),
    PullRequestState.CLOSED: say("Closed"),
    PullRequestState.MERGED: say("Merged"),
    IssueState.OPEN: say("Open"),
    IssueState.CLOSED: say("Closed"),
}
_METHODS: dict[MergeMethod, Message] = {
    "merge": say("Merge"),
    "squash": say("Squash and merge"),
    "rebase": say("Rebase and merge"),
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

    def __init__(self, world: World, checks: Checks, pulls: Pulls, rendering: Rendering) -> None:
        self._world = world
        self._checks = checks
        self._pulls = pulls
        self._rendering = rendering

    def routes(self) -> list[web.RouteDef]:
        """The pages' routes."""
        return [
            web.get("/", self.repositories),
            web.get(r"/{owner}/{name}/pull/{number:\d+}", self.pull),
            web.post(r"/{owner}/{name}/pull/{number:\d+}/merge", self.merge),
            web.get(r"/{owner}/{name}/issues/{number:\d+}", self.issue),
            web.get(r"/{owner}/{name}/runs/{run:\d+}", self.run),
            web.post(r"/{owner}/{name}/runs/{run:\d+}/actions", self.press),
        ]

    async def repositories(self, request: web.Request) -> web.Response:
        """Every repository with its pull requests and issues, the newest first."""
        language, world = language_of(request), self._world
        found = [
            (
                one,
                [(pull, self._checks_on(pull, language)) for pull in world.pulls_of(one)[::-1]],
                [issue for issue in world.issues.values() if issue.repository == one.database_id][::-1],
            )
            for one in world.repositories.values()
        ]
        words = {
            "title": say("Repositories"),
            "none": say("No pull requests yet."),
            "issues": say("Issues"),
            "releases": say("Releases"),
        }
        states = {state: render(word, language) for state, word in _STATES.items()}
        return self._rendering.page("repositories.html", language, words, repositories=found, states=states)

    async def pull(self, request: web.Request) -> web.Response:
        """One pull request: the App's checks on its head, and what was said about it."""
        pull, language = self._named_pull(request), language_of(request)
        repository = self._world.repositories[pull.repository]
        words = {
            "back": say("Repositories"),
            "none": say("No check has reported on this commit yet."),
            "state": _state(pull),
            "labels": say("Labels"),
            "conversation": say("Conversation"),
            "delete_branch": say("Delete the branch"),
        }
        return self._rendering.page(
            "pull.html",
            language,
            words,
            pull=pull,
            methods={method: render(word, language) for method, word in _METHODS.items()},
            body=html(pull.body),
            head=_head(pull),
            repository=repository,
            sender=request.query.get("as", self._world.keeper(repository).login),
            checks=self._checks_on(pull, language),
            waiting=self._waiting(pull, language),
            labels=labels_on(self._world, pull),
            entries=await Conversation(self._world, language).entries(pull),
        )

    async def merge(self, request: web.Request) -> web.Response:
        """The merge button was pressed; what is in the way is told, else the page is shown again."""
        pull, sender, form = self._named_pull(request), await self._sender(request), await request.post()
        method = str(form.get("method", "merge"))
        if method not in get_args(MergeMethod):
            raise web.HTTPBadRequest
        delete = "delete_branch" in form
        try:
            await self._pulls.merge(pull, by=sender, method=cast(MergeMethod, method), delete_branch=delete)
        except Refused as error:
            raise web.HTTPConflict(text=str(error)) from error
        raise web.HTTPSeeOther(request.path.removesuffix("/merge"))

    async def issue(self, request: web.Request) -> web.Response:
        """One issue, and what was said about it."""
        repository, language = named_repository(self._world, request), language_of(request)
        issue = self._world.issues.get((repository.database_id, int(request.match_info["number"])))
        if issue is None:
            raise web.HTTPNotFound
        words = {
            "back": say("Repositories"),
            "state": _STATES[issue.state],
            "conversation": say("Conversation"),
        }
        return self._rendering.page(
            "issue.html",
            language,
            words,
            repository=repository,
            issue=issue,
            body=html(issue.body),
            entries=await Conversation(self._world, language).entries(issue),
        )

    async def run(self, request: web.Request) -> web.Response:
        """A check run is shown on the page of a pull request that it speaks of."""
        raise web.HTTPFound(self._page_of(self._named_run(request)))

    async def press(self, request: web.Request) -> web.Response:
        """A button was pressed; the App hears of it, and the page is shown again."""
        sender, run, form = await self._sender(request), self._named_run(request), await request.post()
        try:
            await self._checks.press(run, str(form.get("identifier", "")), by=sender)
        except Unprocessable as error:
            raise web.HTTPUnprocessableEntity(text=str(error)) from error
        raise web.HTTPSeeOther(self._page_of(run))

    async def _sender(self, request: web.Request) -> Account:
        """Who pressed a button of these pages; nobody presses them from elsewhere."""
        must_come_from_here(self._world, request)
        login = str((await request.post()).get("sender", "")).lower()
        if login not in self._world.accounts:
            raise web.HTTPBadRequest
        return self._world.accounts[login]

    def _named_pull(self, request: web.Request) -> PullRequest:
        repository = named_repository(self._world, request)
        pull = self._world.pulls.get((repository.database_id, int(request.match_info["number"])))
        if pull is None:
            raise web.HTTPNotFound
        return pull

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


def _state(pull: PullRequest) -> Message:
    return say("Draft") if pull.is_open and pull.is_draft else _STATES[pull.state]


def _head(pull: PullRequest) -> str:
    owner = pull.head_repository_owner
    return f"{owner.login}:{pull.head_ref_name}" if pull.is_cross_repository and owner else pull.head_ref_name
