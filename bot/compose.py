"""The only wiring: which part is given to which, for one process."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import aiohttp
from aiohttp import web
from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

from bot.engine import Answered, Engine, Occupied, Tuning
from bot.errors import TellUser
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
from bot.message import say
from bot.metrics import Metrics
from bot.rules.rulebook import RULEBOOK_PATH
from bot.settings import Identity, Role, Settings, SettingsError, identity
from bot.webhooks.events import Reader
from bot.webhooks.intake import MOST_BYTES, Intake
from service.ledger.store import Ledger
from service.web.health import routes as health_routes

logger = logging.getLogger(__name__)

# The queue of a process that has one.
ENGINE: Final = web.AppKey("engine", Engine)
# Of the 20 seconds that an orchestrator gives: open requests first, then what the engine still runs.
REQUEST_GRACE_SECONDS: Final = 5.0
ENGINE_GRACE_SECONDS: Final = 10.0


def application(settings: Settings, role: Role, tuning: Tuning | None = None) -> web.Application:
    """Return the web application of one process; it starts and stops all that the role needs.

    Raises `SettingsError` when a setting that the role needs is missing or unusable.
    """
    # Bodies are signed as they come; inflating what nobody has verified would be a gift to bombs.
    app = web.Application(client_max_size=MOST_BYTES, handler_args={"auto_decompress": False})
    metrics = Metrics()
    ledger = Ledger(with_folder(settings.database_url.get_secret_value()))
    app.on_cleanup.append(_closing(ledger))
    checks = {"database": ledger.reach}
    engine: Engine | None = None
    if role in {Role.ALL, Role.BOT}:
        app_identity = identity(settings)
        app[ENGINE] = engine = engine_of(settings, metrics, tuning)
        reader = Reader(app_identity.app_id, RULEBOOK_PATH)
        intake = Intake(engine, reader, app_identity.webhook_secrets, metrics.delivery)
        app.router.add_post("/webhooks/github", intake.receive)
        app.cleanup_ctx.append(_working(settings, app_identity, engine))
        checks["engine"] = engine.ready

    async def render() -> bytes:
        return metrics.render(await engine.counts() if engine else None)

    app.add_routes(health_routes(checks, render))
    return app


def engine_of(settings: Settings, metrics: Metrics | None = None, tuning: Tuning | None = None) -> Engine:
    """Return the durable queue of these settings, not started."""

    def observe(answered: Answered) -> None:
        subject = answered.question.subject
        logger.info(
            "answered %s: %s", answered.question.key, answered.outcome,
            extra={
                "question": answered.question.key,
                "repository": subject.get("full_name", ""),
                "number": subject.get("number"),
                "outcome": answered.outcome,
                "seconds": round(answered.seconds, 3),
                "attempt": answered.attempt,
            },
        )  # fmt: skip
        if metrics is not None:
            metrics.answered(answered)

    url = with_folder(settings.engine_url.get_secret_value())
    try:
        return Engine(url, executor_id=settings.executor_id, tuning=tuning, observe=observe)
    except ValueError:
        raise SettingsError(say("SIGNALBOX_ENGINE_URL: expected a file, as in sqlite:///FILE")) from None


@asynccontextmanager
async def github_of(settings: Settings, app_identity: Identity) -> AsyncIterator[GitHub]:
    """Open GitHub for one App over one shared session."""
    key = AppKey(app_identity.app_id, app_identity.private_key)
    async with aiohttp.ClientSession(timeout=TIMEOUT) as session:
        yield GitHub(session, settings.api_url, settings.graphql_url, key)


def with_folder(url: str) -> str:
    """Return a database address, after making the folder of its file where it is one."""
    address = make_url(url)
    if address.get_backend_name() == "sqlite" and address.database:
        folder = Path(address.database).parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SettingsError(
                say("{path} cannot be made: {reason}", path=str(folder), reason=str(error.strerror))
            ) from None
    return url


def _working(
    settings: Settings, app_identity: Identity, engine: Engine
) -> Callable[[web.Application], AsyncIterator[None]]:
    async def working(_: web.Application) -> AsyncIterator[None]:
        async with github_of(settings, app_identity) as github:
            _assign(engine, github)
            try:
                await engine.start()
            except (SQLAlchemyError, OSError) as error:
                logger.debug("the engine did not start", exc_info=error)
                raise TellUser(
                    say("the queue's database cannot be used: {reason}", reason=str(error).splitlines()[0])
                ) from None
            except Occupied:
                raise TellUser(
                    say(
                        "another process already works on this queue as {name}: stop it, or set "
                        "SIGNALBOX_EXECUTOR_ID to a name that no other replica has",
                        name=settings.executor_id,
                    )
                ) from None
            yield
            await engine.stop(ENGINE_GRACE_SECONDS)

    return working


def _assign(engine: Engine, github: GitHub) -> None:
    """Give every kind of question to the job that answers it."""
    gatherer = Gatherer(github.app_id)
    engine.answers("pull")(PullJob(github, gatherer, LogRecorder(), engine.ask).answer)
    engine.answers("button")(ButtonJob(github, gatherer, engine.ask).answer)
    engine.answers("commit")(CommitJob(github, gatherer, engine.ask).answer)
    engine.answers("queue")(QueueJob(github, gatherer).answer)
    engine.answers("installation")(InstallationJob(github, engine.ask).answer)
    engine.answers("repository")(RepositoryJob(github, gatherer, engine.ask).answer)
    engine.every("sweep", PERIOD_SECONDS)(Sweep(github, engine, engine.ask).run)


def _closing(ledger: Ledger) -> Callable[[web.Application], Awaitable[None]]:
    async def close(_: web.Application) -> None:
        await ledger.close()

    return close
