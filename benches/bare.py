"""The reference: the least that an aiohttp handler must do to acknowledge a webhook durably.

It verifies the signature, parses what Signalbox parses, and commits one row to SQLite (WAL,
synchronous=FULL) before it answers 202; requests that wait together share one commit.
"""

import asyncio
import os
import sqlite3
import sys
from concurrent.futures import ThreadPoolExecutor

import msgspec
from aiohttp import web

from benches.child import HOST
from bot.webhooks.events import PullRequestEvent
from bot.webhooks.signature import HEADER, is_signed

Row = tuple[str, str]


class Rows:
    """One table on the disk, written by one thread."""

    def __init__(self, path: str) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1)
        self._database = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        for statement in (
            "PRAGMA journal_mode=WAL",
            "PRAGMA synchronous=FULL",
            "CREATE TABLE delivery (guid TEXT PRIMARY KEY, key TEXT NOT NULL)",
        ):
            self._database.execute(statement)
        self._waiting: list[tuple[Row, asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def add(self, row: Row) -> None:
        """Return when the row is on the disk."""
        stored: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((row, stored))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write())
        await stored

    async def _write(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            rows = [row for row, _ in batch]
            await asyncio.get_running_loop().run_in_executor(self._thread, self._commit, rows)
            for _, stored in batch:
                stored.set_result(None)
        self._writing = None

    def _commit(self, rows: list[Row]) -> None:
        self._database.execute("BEGIN IMMEDIATE")
        self._database.executemany("INSERT INTO delivery VALUES (?, ?)", rows)
        self._database.execute("COMMIT")


def application(path: str, secret: bytes) -> web.Application:
    """The handler, where Signalbox has its own."""
    rows = Rows(path)

    async def receive(request: web.Request) -> web.Response:
        body = await request.read()
        if not is_signed(body, request.headers[HEADER], [secret]):
            raise web.HTTPUnauthorized
        event = msgspec.json.decode(body, type=PullRequestEvent)
        await rows.add((request.headers["X-GitHub-Delivery"], f"pull/{event.pull_request.number}"))
        return web.Response(status=202)

    app = web.Application()
    app.router.add_post("/webhooks/github", receive)
    return app


def main() -> None:
    """Serve on a port, with a database: `python -m benches.bare PORT PATH`."""
    port, path = sys.argv[1:]
    app = application(path, os.environ["SECRET"].encode())
    web.run_app(app, host=HOST, port=int(port), access_log=None, print=None)


if __name__ == "__main__":
    main()
