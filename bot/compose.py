"""The wiring of one process: which part is given to which. `bot.work` has the half that answers."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from secrets import token_urlsafe
from typing import Final

from aiohttp import web
from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

from bot.engine import Answered, Engine, Occupied, Tuning
from bot.errors import TellUser
from bot.journal import Journal
from bot.kept import FILE, SESSION_KEY
from bot.message import say
from bot.metrics import Metrics
from bot.rules import RULEBOOK_PATH
from bot.settings import Identity, Role, Settings, SettingsError, client, identity
from bot.webhooks.feeds import ARGOCD, ECR, REGISTRY, Feed, FeedIntake
from bot.webhooks.intake import MOST_BYTES, Intake
from bot.webhooks.reader import Reader
from service.ledger.database import Database
from service.ledger.schema import HEAD, UnknownSchema
from service.web.door import Door, Room
from service.web.files import secret_in
from service.web.headers import Headers
from service.web.health import routes as health_routes
from service.web.people.unregistered import Unregistered

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Failure:
    """What ended a process that had started; None while nothing has."""

    error: Exception | None = None


@dataclass(frozen=True, slots=True)
class _Bot:
    """The parts of a process that answers webhooks."""

    settings: Settings
    identity: Identity
    engine: Engine
    database: Database
    reader: Reader
    journal: Journal
    failure: Failure


# The queue of a process that has one, and what ended it.
ENGINE: Final = web.AppKey("engine", Engine)
FAILURE: Final = web.AppKey("failure", Failure)
# Of the 20 seconds that an orchestrator gives: open requests first, then what the engine still runs.
REQUEST_GRACE_SECONDS: Final = 5.0
ENGINE_GRACE_SECONDS: Final = 10.0
# How long a browser has for the files of the page that says that the process ends.
LAST_PAGE_SECONDS: Final = 2.0


def application(settings: Settings, role: Role, tuning: Tuning | None = None) -> web.Application:
    """Return the web application of one process; it starts and stops all that the role needs.

    Without any App there are no webhooks to take yet: its control room registers one. Raises `SettingsError`
    when a setting that the role needs is missing or unusable.
    """
    unregistered = None if role is Role.BOT or settings.has_app else _unregistered(settings)
    if unregistered:
        role = Role.SERVICE
    # Bodies are signed as they come; inflating what nobody has verified would be a gift to bombs.
    app = web.Application(client_max_size=MOST_BYTES, handler_args={"auto_decompress": False})
    metrics = Metrics()
    database = Database(with_folder(settings.database_url.get_secret_value()))
    app.cleanup_ctx.append(_keeping(settings, role, database))
    checks = {"database": database.reach}
    engine: Engine | None = None
    if role in {Role.ALL, Role.BOT}:
        app_identity = identity(settings)
        app[ENGINE] = engine = engine_of(settings, metrics, tuning)
        reader = Reader(app_identity.app_id, RULEBOOK_PATH)
        journal = Journal(metrics.unrecorded)
        intake = Intake(engine, reader, app_identity.webhook_secrets, metrics.delivery, journal.note)
        app.router.add_post("/webhooks/github", intake.receive)
        for feed, secrets in _feeds(settings):
            receive = FeedIntake(engine, feed, secrets, metrics.delivery, journal.note).receive
            app.router.add_post(f"/webhooks/{feed.name}", receive)
        app[FAILURE] = Failure()
        parts = _Bot(settings, app_identity, engine, database, reader, journal, app[FAILURE])
        app.cleanup_ctx.append(_working(parts))
        checks["engine"] = engine.ready

    async def render() -> bytes:
        return metrics.render(await engine.counts() if engine else None)

    app.add_routes(health_routes(checks, render))
    if role in {Role.ALL, Role.SERVICE}:
        door = Door(partial(_furnish, settings, database, _secrets(settings, unregistered), unregistered))
        app.add_routes(door.routes())
        app.on_shutdown.append(lambda _: door.close())
        app.on_response_prepare.append(Headers(secure=_is_https(settings)).add)
    return app


def _feeds(settings: Settings) -> Iterator[tuple[Feed, Sequence[bytes]]]:
    """The feeds that somebody can show a token for."""
    for feed, secrets in (
        (ECR, settings.ecr_secrets),
        (REGISTRY, settings.registry_secrets),
        (ARGOCD, settings.argocd_secrets),
    ):
        if secrets:
            yield feed, [secret.get_secret_value().encode() for secret in secrets]


def _furnish(
    settings: Settings, database: Database, secrets: Sequence[str], unregistered: Unregistered | None
) -> Room:
    room: Room = import_module("bot.room").furnish(settings, database, secrets, unregistered)
    return room


def _secrets(settings: Settings, unregistered: Unregistered | None) -> Sequence[str]:
    """What the sessions of people are sealed with; kept in a file where they are not set.

    Raises `SettingsError` where the file cannot be kept, or only one half of the App's client is set.
    """
    given = tuple(secret.get_secret_value() for secret in settings.session_secrets)
    if given or (client(settings) is None and unregistered is None):
        return given or (token_urlsafe(),)  # nobody signs in
    file = settings.data_dir / SESSION_KEY
    try:
        return (secret_in(file),)
    except OSError as error:
        path, reason = str(file), str(error.strerror)
        raise SettingsError(
            say("{path} cannot be kept: {reason}; set {name}", path=path, reason=reason,
                name="SIGNALBOX_SESSION_SECRET")
        ) from None  # fmt: skip


def _unregistered(settings: Settings) -> Unregistered:
    """Say where to register the App; the token is good until the process ends, which that does."""
    token = token_urlsafe(24)
    logger.warning("there is no App yet: register it at %s/setup?token=%s", settings.address, token)

    def done() -> None:
        asyncio.get_running_loop().call_later(LAST_PAGE_SECONDS, _leave)

    return Unregistered(settings.data_dir / FILE, token, done)


def _leave() -> None:
    raise web.GracefulExit


def _is_https(settings: Settings) -> bool:
    return (settings.public_url or "").startswith("https://")


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


def _is_own(settings: Settings) -> bool:
    """Whether the ledger is the file that nobody chose, whose schema is nobody's business either."""
    return settings.database_url.get_secret_value() == f"sqlite:///{settings.data_dir / 'ledger.sqlite'}"


def _keeping(
    settings: Settings, role: Role, database: Database
) -> Callable[[web.Application], AsyncIterator[None]]:
    async def keeping(_: web.Application) -> AsyncIterator[None]:
        # Making tables takes a moment, which webhooks need not wait for.
        if role is Role.SERVICE or not _is_own(settings):
            await _open(settings, database)
        yield
        await database.close()

    return keeping


async def _open(settings: Settings, database: Database) -> None:
    """Make sure of the ledger's schema. Raises `TellUser` where it is unknown."""
    try:
        await database.open(upgrade=_is_own(settings))
    except UnknownSchema as error:
        raise refused(error) from None
    except (SQLAlchemyError, OSError) as error:
        # A database that is away for a while shall not stop webhooks from being stored.
        reason = str(error).splitlines()[0]
        logger.warning("the ledger's database cannot be used yet: %s", reason)


def refused(error: UnknownSchema) -> TellUser:
    """Say what to do about a ledger whose schema this code does not know."""
    if error.newer:
        return TellUser(
            say(
                "the ledger's database was upgraded by a newer Signalbox: expected revision {expected}, "
                "found {found}; run that one, or go back with it: signalbox db downgrade {expected}",
                expected=HEAD, found=error.found or "",
            )
        )  # fmt: skip
    return TellUser(
        say(
            "the ledger's database has not the schema of this Signalbox: expected revision {expected}, "
            "found {found}; run signalbox db upgrade",
            expected=HEAD, found=error.found or say("none"),
        )
    )  # fmt: skip


def _working(bot: _Bot) -> Callable[[web.Application], AsyncIterator[None]]:
    async def working(_: web.Application) -> AsyncIterator[None]:
        try:
            await bot.engine.start(work=False)
        except (SQLAlchemyError, OSError) as error:
            raise _unusable(error) from None
        # Webhooks are taken from here on; what answers them takes longer to be there.
        async with AsyncExitStack() as stack:
            beginning = asyncio.create_task(_begin(bot, stack))
            yield
            beginning.cancel()
            await asyncio.wait({beginning})
            await bot.engine.stop(ENGINE_GRACE_SECONDS)

    return working


async def _begin(bot: _Bot, stack: AsyncExitStack) -> None:
    """Begin to answer; what prevents it ends the process."""
    try:
        if _is_own(bot.settings):
            await _open(bot.settings, bot.database)
        work = await asyncio.to_thread(import_module, "bot.work")
        github = await stack.enter_async_context(work.github_of(bot.settings, bot.identity))
        ledger = work.Ledger(bot.database)
        await stack.enter_async_context(bot.journal.kept(ledger.deliveries))
        pages = work.Pages(bot.settings.public_url, bot.settings.github_url)
        registries = work.registries_of(bot.settings, github)
        work.assign(bot.engine, github, ledger, pages, registries, lambda: bot.reader.own_login)
        work.keep_house(bot.engine, ledger, bot.settings.retention_days)
        bot.reader.own_login = await work.own_login(github)
        await bot.engine.work()
    except Occupied:
        bot.failure.error = TellUser(
            say(
                "another process already works on this queue as {name}: stop it, or set "
                "SIGNALBOX_EXECUTOR_ID to a name that no other replica has",
                name=bot.settings.executor_id,
            )
        )
    except (SQLAlchemyError, OSError) as error:
        bot.failure.error = _unusable(error)
    except Exception as error:
        bot.failure.error = error
    if bot.failure.error is not None:
        raise web.GracefulExit


def _unusable(error: Exception) -> TellUser:
    logger.debug("the engine did not start", exc_info=error)
    return TellUser(say("the queue's database cannot be used: {reason}", reason=str(error).splitlines()[0]))
