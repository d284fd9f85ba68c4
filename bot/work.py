"""The wiring of the half that answers: GitHub, and the job of every kind of question.

It takes as long to import as all the rest, so `bot.compose` does that once webhooks are being stored.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

from bot.engine import Engine
from bot.github.connection import TIMEOUT, AppKey, GitHub
from bot.github.gather import Gatherer
from bot.jobs.button import ButtonJob
from bot.jobs.commit import CommitJob
from bot.jobs.installation import InstallationJob
from bot.jobs.pull import PullJob
from bot.jobs.queue import QueueJob
from bot.jobs.recorder import LogRecorder
from bot.jobs.repository import RepositoryJob
from bot.jobs.sweep import PERIOD_SECONDS, Sweep
from bot.settings import Identity, Settings


@asynccontextmanager
async def github_of(settings: Settings, app_identity: Identity) -> AsyncIterator[GitHub]:
    """Open GitHub for one App over one shared session."""
    key = AppKey(app_identity.app_id, app_identity.private_key)
    async with aiohttp.ClientSession(timeout=TIMEOUT) as session:
        yield GitHub(session, settings.api_url, settings.graphql_url, key)


def assign(engine: Engine, github: GitHub) -> None:
    """Give every kind of question to the job that answers it."""
    gatherer = Gatherer(github.app_id)
    engine.answers("pull")(PullJob(github, gatherer, LogRecorder(), engine.ask).answer)
    engine.answers("button")(ButtonJob(github, gatherer, engine.ask).answer)
    engine.answers("commit")(CommitJob(github, gatherer, engine.ask).answer)
    engine.answers("queue")(QueueJob(github, gatherer).answer)
    engine.answers("installation")(InstallationJob(github, engine.ask).answer)
    engine.answers("repository")(RepositoryJob(github, gatherer, engine.ask).answer)
    engine.every("sweep", PERIOD_SECONDS)(Sweep(github, engine, engine.ask).run)
