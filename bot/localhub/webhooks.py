"""Webhooks as GitHub sends them: signed, once, at most ten seconds long, and written down for redelivery."""

import asyncio
import hashlib
import hmac
import json
import time
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus

import aiohttp

from bot.localhub.model import Account, AccountType, Installation, Repository
from bot.localhub.payloads.common import account_json, moment, organization_json, repository_json
from bot.localhub.world import Json, Place, World

# GitHub gives a receiver ten seconds, and does not ask again.
_PATIENCE = aiohttp.ClientTimeout(total=10)

# What GitHub shows of an answer's body.
_MOST_ANSWER = 25_000


@dataclass(frozen=True, slots=True)
class Notice:
    """What the App is told. `guid` stays the same when it is told again; the rest is what it is about."""

    guid: str
    event: str
    action: str | None
    installation: int
    repository: int | None
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What the App said to it. `status` is in GitHub's words, `code` is 0 when no answer came."""

    status: str
    code: int
    headers: dict[str, str] = field(default_factory=dict)
    text: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One attempt to deliver a notice. `duration` is in seconds."""

    database_id: int
    notice: Notice
    url: str
    headers: dict[str, str]
    redelivery: bool
    delivered_at: datetime
    duration: float
    answer: Answer

    @property
    def succeeded(self) -> bool:
        """Whether the App took it: any answer of 2xx."""
        return HTTPStatus.OK <= self.answer.code < HTTPStatus.MULTIPLE_CHOICES

    def brief(self) -> Json:
        """As `GET /app/hook/deliveries` lists it."""
        return {
            "id": self.database_id,
            "guid": self.notice.guid,
            "delivered_at": moment(self.delivered_at),
            "redelivery": self.redelivery,
            "duration": round(self.duration, 2),
            "status": self.answer.status,
            "status_code": self.answer.code,
            "event": self.notice.event,
            "action": self.notice.action,
            "installation_id": self.notice.installation,
            "repository_id": self.notice.repository,
            "throttled_at": None,
        }

    def full(self) -> Json:
        """As `GET /app/hook/deliveries/{id}` shows it."""
        return {
            **self.brief(),
            "url": self.url,
            "request": {"headers": self.headers, "payload": json.loads(self.notice.body)},
            "response": {"headers": self.answer.headers, "payload": self.answer.text},
        }


class Webhooks:
    """The webhook of the App. With no `url` nothing is sent and nothing is written down, as on GitHub."""

    def __init__(self, world: World, url: str | None) -> None:
        self._world = world
        self.url = url
        self.deliveries: dict[int, Delivery] = {}
        self._session: aiohttp.ClientSession | None = None
        self._under_way: set[asyncio.Task[None]] = set()

    def announce(self, event: str, action: str | None, place: Place, body: Json) -> None:
        """Send an event to the App, in the background, where the App is installed and listens to it.

        `body` has the event's own fields and `sender` (an `Account`); what every payload carries is added
        where it is missing.
        """
        installation = place if isinstance(place, Installation) else self._listener(event, place)
        if installation is None:
            return
        payload: Json = {
            **({"action": action} if action else {}),
            **self._surroundings(place, installation),
            **body,
            "sender": account_json(self._world, body["sender"]),
        }
        repository = place.database_id if isinstance(place, Repository) else None
        told = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
        self._send(Notice(str(uuid.uuid4()), event, action, installation.database_id, repository, told))

    def redeliver(self, delivery: Delivery) -> None:
        """Make a delivery again, in the background, under the same GUID."""
        self._send(delivery.notice, redelivery=True)

    async def settled(self) -> None:
        """Return when nothing is on its way any more."""
        while self._under_way:
            await asyncio.wait(self._under_way)

    async def close(self) -> None:
        """Give up what is on its way."""
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)
        if self._session:
            await self._session.close()

    def _listener(self, event: str, place: Repository | Account) -> Installation | None:
        """The installation that hears of an event there, if any does."""
        found = self._world.installation_on(place)
        hears = found is not None and not found.suspended_at and event in self._world.app.events
        return found if hears else None

    def _surroundings(self, place: Place, installation: Installation) -> Json:
        """The repository, organisation and installation; the events of an installation say theirs."""
        if isinstance(place, Installation):
            return {}
        told: Json = {"installation": {"id": installation.database_id, "node_id": installation.id}}
        if isinstance(place, Repository):
            told["repository"] = repository_json(self._world, place)
        owner = place.owner if isinstance(place, Repository) else place
        if owner.type is AccountType.ORGANIZATION:
            told["organization"] = organization_json(self._world, owner)
        return told

    def _send(self, notice: Notice, *, redelivery: bool = False) -> None:
        if self.url is None:
            return
        task = asyncio.ensure_future(self._deliver(self.url, notice, redelivery))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _deliver(self, url: str, notice: Notice, redelivery: bool) -> None:
        """One attempt, written down whatever comes of it."""
        number, headers = self._world.number(), self._headers(notice)
        started, delivered_at = time.monotonic(), self._world.now()
        answer = await self._attempt(url, headers, notice.body)
        duration = time.monotonic() - started
        self.deliveries[number] = Delivery(
            number, notice, url, headers, redelivery, delivered_at, duration, answer
        )

    async def _attempt(self, url: str, headers: dict[str, str], body: bytes) -> Answer:
        """POST once."""
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=_PATIENCE)
        try:
            async with self._session.post(url, data=body, headers=headers, allow_redirects=False) as answer:
                text = await answer.text(errors="replace")
                status = "OK" if answer.ok else answer.reason or str(answer.status)
                return Answer(status, answer.status, dict(answer.headers), text[:_MOST_ANSWER])
        except TimeoutError:
            return Answer("timed out", 0)
        except aiohttp.ClientError:
            return Answer("failed to connect to host", 0)

    def _headers(self, notice: Notice) -> dict[str, str]:
        secret = self._world.app.webhook_secret.encode()
        return {
            "Accept": "*/*",
            "Content-Type": "application/json",
            "User-Agent": "GitHub-Hookshot/local",
            "X-GitHub-Delivery": notice.guid,
            "X-GitHub-Event": notice.event,
            "X-GitHub-Hook-ID": str(self._world.app.database_id),
            "X-GitHub-Hook-Installation-Target-ID": str(self._world.app.database_id),
            "X-GitHub-Hook-Installation-Target-Type": "integration",
            "X-Hub-Signature": "sha1=" + hmac.new(secret, notice.body, hashlib.sha1).hexdigest(),
            "X-Hub-Signature-256": "sha256=" + hmac.new(secret, notice.body, hashlib.sha256).hexdigest(),
        }
