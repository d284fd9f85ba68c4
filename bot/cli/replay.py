"""`signalbox replay FILE`: a recorded webhook, sent to a running Signalbox as GitHub would send it."""

import asyncio
import json
import uuid
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from bot import settings
from bot.errors import TellUser
from bot.message import say
from bot.settings import Settings, SettingsError
from bot.webhooks.signature import HEADER, sign


@dataclass(frozen=True, slots=True)
class Delivery:
    """One webhook: its GUID, the event's name, the payload's bytes."""

    guid: str
    event: str
    body: bytes


def run(arguments: Namespace) -> int:
    """Send every delivery of a file; 1 when one is not answered with 2xx.

    The file holds a JSON object or a list of them: `{"event": …, "payload": {…}, "guid": …}`, or a bare
    payload when `--event` names what it is. Raises `TellUser`.
    """
    deliveries = list(read(arguments.file, arguments.event))
    found = settings.read()
    if not found.webhook_secrets:
        raise SettingsError(say("GITHUB_WEBHOOK_SECRET is missing: set it to sign what is replayed"))
    return asyncio.run(
        _send(deliveries, arguments.to or _own_address(found), found.webhook_secrets[0].get_secret_value())
    )


def read(path: Path, event: str | None) -> Iterator[Delivery]:
    """Yield the deliveries of a file. Raises `TellUser` when it holds none that can be sent."""
    try:
        content = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise TellUser(
            say("cannot read {path}: {reason}", path=str(path), reason=str(error.strerror))
        ) from None
    except (ValueError, RecursionError) as error:
        raise TellUser(say("{path}: expected JSON: {reason}", path=str(path), reason=str(error))) from None
    for index, item in enumerate(content if isinstance(content, list) else [content]):
        wrapped = isinstance(item, dict) and isinstance(item.get("payload"), dict)
        name = item.get("event", event) if wrapped else event
        if not isinstance(item, dict) or not isinstance(name, str):
            raise TellUser(
                say("{path}: entry {index} is neither an event with its payload, nor a payload with --event",
                    path=str(path), index=index)
            )  # fmt: skip
        payload: Any = item["payload"] if wrapped else item
        guid = str(item.get("guid") or uuid.uuid4()) if wrapped else str(uuid.uuid4())
        yield Delivery(guid, name, json.dumps(payload).encode())


def _own_address(found: Settings) -> str:
    host = "127.0.0.1" if found.host in {"0.0.0.0", "::"} else found.host  # noqa: S104 - compared, not bound
    return f"http://{host}:{found.port}/webhooks/github"


async def _send(deliveries: list[Delivery], url: str, secret: str) -> int:
    code = 0
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session:
        for delivery in deliveries:
            headers = {
                "Content-Type": "application/json",
                "X-GitHub-Event": delivery.event,
                "X-GitHub-Delivery": delivery.guid,
                HEADER: sign(delivery.body, secret.encode()),
            }
            try:
                async with session.post(url, data=delivery.body, headers=headers) as answer:
                    text = (await answer.text()).strip()
                    code = code if answer.ok else 1
                    print(f"{delivery.guid} {delivery.event}: {answer.status} {text}")
            except (aiohttp.ClientError, TimeoutError) as error:
                raise TellUser(say("nobody answers at {url}: {reason}", url=url, reason=str(error))) from None
    return code
