"""The wiring of the half that answers: GitHub, and the job of every kind of question.

It takes as long to import as all the rest, so `bot.compose` does that once webhooks are being stored.
"""

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import aiohttp

from bot.engine import Answer, Engine
from bot.errors import SignalboxError
from bot.github.connection import TIMEOUT, AppKey, GitHub
from bot.github.finder import Finder
from bot.github.gather import Gatherer
from bot.github.rulebooks import Rulebooks
from bot.jobs.access import AccessJob
from bot.jobs.base import BaseJob
from bot.jobs.button import ButtonJob
from bot.jobs.checks import ChecksJob
from bot.jobs.cleanup import CleanupJob
from bot.jobs.commit import CommitJob
from bot.jobs.delivery import DeliveryJob
from bot.jobs.deployment import DeploymentJob
from bot.jobs.endings import Endings
from bot.jobs.fanout import FanOut
from bot.jobs.gitops import GitOpsJob
from bot.jobs.image import ImageJob
from bot.jobs.installation import InstallationJob
from bot.jobs.main import MainJob
from bot.jobs.news import NewsJob
from bot.jobs.onward import OnwardButton
from bot.jobs.orders import OrdersJob
from bot.jobs.proposal import ProposalJob
from bot.jobs.pull import PullJob
from bot.jobs.queue import QueueJob
from bot.jobs.recorder import Recorder
from bot.jobs.release import ReleaseJob
from bot.jobs.repository import RepositoryJob
from bot.jobs.reservations import Reservations
from bot.jobs.sweep import PERIOD_SECONDS, Sweep
from bot.jobs.tag import TagJob
from bot.jobs.target import Targets
from bot.jobs.visible import VisibleJob
from bot.registries.ghcr import Ghcr
from bot.registries.registries import Registries
from bot.settings import Identity, Settings
from bot.webhooks.questions import AboutAccess
from service.ledger.store import Ledger

logger = logging.getLogger(__name__)

_DAY_SECONDS: Final = 86_400
# How often it is seen whether what was deployed runs by now.
_LOOK_SECONDS: Final = 60
# What this App is called where it acts, None while that is not known.
OwnLogin = Callable[[], str | None]


@dataclass(frozen=True, slots=True)
class Pages:
    """Where links lead: the control room, None where it has no address, and the pages of GitHub."""

    control_room: str | None
    github: str


@asynccontextmanager
async def github_of(settings: Settings, app_identity: Identity) -> AsyncIterator[GitHub]:
    """Open GitHub for one App over one shared session."""
    key = AppKey(app_identity.app_id, app_identity.private_key)
    async with aiohttp.ClientSession(timeout=TIMEOUT) as session:
        yield GitHub(session, settings.api_url, settings.graphql_url, key)


def registries_of(settings: Settings, github: GitHub) -> Registries:
    """The registries that these settings open, and whether anything may be deleted there."""
    token = settings.packages_token
    ghcr = Ghcr(settings.registry_url, github.with_token(token.get_secret_value())) if token else None
    return Registries(ghcr, deletes=settings.delete_images)


def assign(
    engine: Engine,
    github: GitHub,
    ledger: Ledger,
    pages: Pages,
    registries: Registries,
    own_login: OwnLogin,
) -> None:
    """Give every kind of question to the job that answers it."""
    public_url, github_url = pages.control_room, pages.github
    rulebooks, recorder, reservations = Rulebooks(), Recorder(ledger), Reservations(ledger)
    finder = Finder(rulebooks)
    gatherer, fan_out = Gatherer(github.app_id, finder), FanOut(engine.ask)
    onward = OnwardButton(github, rulebooks, ledger, engine.ask)
    targets = Targets(github, ledger)
    endings = Endings(github, rulebooks, ledger, engine.ask, github_url)
    news = NewsJob(ledger, targets, engine.ask, endings)
    answers: dict[str, Answer] = {
        "access": AccessJob(github, finder, fan_out).answer,
        "base": BaseJob(github, finder, fan_out, engine.ask).answer,
        "button": ButtonJob(github, gatherer, reservations, recorder, engine.ask, onward).answer,
        "checks": ChecksJob(github, finder, engine.ask).answer,
        "cleanup": CleanupJob(github, rulebooks, ledger, registries).answer,
        "commit": CommitJob(github, finder, engine.ask).answer,
        "delivery": DeliveryJob(github, rulebooks, ledger, engine.ask).answer,
        "deployment": DeploymentJob(github, rulebooks, ledger, engine.ask, own_login).answer,
        "dwelling": news.look,
        "gitops": GitOpsJob(ledger, targets, endings, github_url).answer,
        "image": ImageJob(ledger, engine.ask).answer,
        "installation": InstallationJob(github, fan_out).answer,
        "main": MainJob(github, rulebooks, gatherer, ledger).answer,
        "members": InstallationJob(github, fan_out, AboutAccess).answer,
        "news": news.hear,
        "orders": OrdersJob(github, rulebooks, ledger, recorder, engine.ask).answer,
        "proposal": ProposalJob(github, ledger, endings).answer,
        "pull": PullJob(github, gatherer, reservations, recorder, engine.ask, public_url).answer,
        "queue": QueueJob(github, finder, gatherer, reservations, engine.ask, public_url).answer,
        "release": ReleaseJob(github, rulebooks, ledger, engine.ask).answer,
        "repository": RepositoryJob(github, finder, ledger, fan_out).answer,
        "tag": TagJob(github, finder, ledger, fan_out, engine.ask).answer,
        "visible": VisibleJob(github, ledger).answer,
    }
    for kind, answer in answers.items():
        engine.answers(kind)(answer)
    engine.every("late", _LOOK_SECONDS)(news.look_around)
    engine.every("sweep", PERIOD_SECONDS)(Sweep(github, engine, engine.ask).run)


def keep_house(engine: Engine, ledger: Ledger, days: int) -> None:
    """Let the ledger forget once a day what is older than so many days."""

    async def forget() -> str:
        rows = await ledger.prune(datetime.now(UTC) - timedelta(days=days))
        logger.info("the ledger forgot %d rows that were older than %d days", rows, days)
        return "pruned"

    engine.every("retention", _DAY_SECONDS)(forget)


async def own_login(github: GitHub) -> str | None:
    """Return what the App is called where it acts; None while GitHub does not say."""
    try:
        return f"{(await github.app.read('/app'))['slug']}[bot]"
    except SignalboxError as error:
        logger.warning("what the App is called is not known: %s", error)
        return None
