"""A client that delivers webhooks over keep-alive connections, as fast as they are answered or at a rate.

`drive` runs in this process; `drive_apart` in another, so that client and server do not share a processor
by sharing a process. Bodies, GUIDs and signatures are made before the clock starts.
"""

import asyncio
import re
import sys
import time
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec
from msgspec import Struct

from benches.child import HOST
from benches.payloads import about
from bot.webhooks.signature import sign

ACCEPTED: Final = 202
_LENGTH: Final = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_END: Final = b"\r\n\r\n"


class Event(Struct, frozen=True):
    """One event to deliver; `guid` is made where none is given."""

    number: int
    head: str
    guid: str = ""


class Plan(Struct, frozen=True):
    """What to deliver: `events` after `payload`, to a loopback port; `rate` is events a second."""

    port: int
    secret: str
    payload: dict[str, Any]
    events: list[Event]
    connections: int = 16
    rate: float | None = None


class Sent(Struct, frozen=True):
    """How it went: the answers by status (0: none came), how long all took and how long each (seconds)."""

    statuses: dict[int, int]
    seconds: float
    latencies: list[float]

    @property
    def refused(self) -> int:
        """How many answers were not of 2xx."""
        return sum(count for status, count in self.statuses.items() if status // 100 != 2)  # noqa: PLR2004

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.latencies) / self.seconds


class Connection(asyncio.Protocol):
    """One keep-alive connection, a request at a time."""

    def __init__(self) -> None:
        self._received = bytearray()
        self._answer: asyncio.Future[int] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way to write."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - what a TCP protocol is given
        self.transport = transport

    async def ask(self, request: bytes) -> int:
        """Send a request; the status of its answer. Raises `ConnectionError` when none comes."""
        if self.transport.is_closing():
            raise ConnectionResetError
        self._answer = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return await self._answer

    def data_received(self, data: bytes) -> None:
        """Collect an answer, which says its length."""
        self._received += data
        head, _, body = self._received.partition(_END)
        length = _LENGTH.search(head)
        if length and len(body) >= int(length[1]) and self._answer and not self._answer.done():
            self._received.clear()
            self._answer.set_result(int(head.split(b" ", 2)[1]))

    def connection_lost(self, error: Exception | None) -> None:
        """Whoever waits waits in vain."""
        if self._answer and not self._answer.done():
            self._answer.set_exception(error or ConnectionResetError())


async def drive(plan: Plan) -> Sent:
    """Deliver all events of a plan, in their order."""
    waiting = iter(list(_requests(plan)))
    loop, statuses, latencies = asyncio.get_running_loop(), Counter[int](), list[float]()

    async def work() -> None:
        _, connection = await loop.create_connection(Connection, HOST, plan.port)
        for place, request in waiting:
            if plan.rate:
                await asyncio.sleep(started + place / plan.rate - time.perf_counter())
            before = time.perf_counter()
            try:
                statuses[await connection.ask(request)] += 1
            except ConnectionError:
                statuses[0] += 1
                _, connection = await loop.create_connection(Connection, HOST, plan.port)
            latencies.append(time.perf_counter() - before)
        connection.transport.close()

    started = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(plan.connections)))
    return Sent(dict(statuses), time.perf_counter() - started, latencies)


async def drive_apart(plan: Plan) -> Sent:
    """Deliver all events of a plan from a process of its own."""
    client = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benches.load", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    answer, _ = await client.communicate(msgspec.json.encode(plan))
    return msgspec.json.decode(answer, type=Sent)


def _requests(plan: Plan) -> Iterator[tuple[int, bytes]]:
    for place, event in enumerate(plan.events):
        body = about(plan.payload, event.number, event.head)
        head = (
            f"POST /webhooks/github HTTP/1.1\r\nHost: {HOST}:{plan.port}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
            "User-Agent: GitHub-Hookshot/bench\r\nX-GitHub-Event: pull_request\r\n"
            f"X-GitHub-Delivery: {event.guid or uuid.uuid4()}\r\n"
            f"X-Hub-Signature-256: {sign(body, plan.secret.encode())}\r\n\r\n"
        )
        yield place, head.encode() + body


def distinct(count: int, first: int) -> Sequence[Event]:
    """Events about `count` pull requests that nobody knows, so that every key is new."""
    return [Event(number, f"{number:040x}") for number in range(first, first + count)]


def main() -> None:
    """Read a plan from standard input, drive it, write how it went to standard output."""
    plan = msgspec.json.decode(sys.stdin.buffer.read(), type=Plan)
    sys.stdout.buffer.write(msgspec.json.encode(asyncio.run(drive(plan))))


if __name__ == "__main__":
    main()
