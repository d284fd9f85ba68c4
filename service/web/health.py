"""`/healthz`, `/readyz` and `/metrics`: what an orchestrator and a monitoring system ask of every process."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from aiohttp import web

logger = logging.getLogger(__name__)

Check = Callable[[], Awaitable[None]]
# An orchestrator gives a probe a second or more; what takes longer is not ready.
_PATIENCE_SECONDS: Final = 3.0


def routes(checks: Mapping[str, Check], metrics: Callable[[], Awaitable[bytes]]) -> list[web.RouteDef]:
    """The routes of a process; each of `checks` raises when its part cannot be reached.

    `metrics` renders the Prometheus text format.
    """

    async def healthz(_: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    async def readyz(_: web.Request) -> web.Response:
        answers = await asyncio.gather(*(_answer(name, check) for name, check in checks.items()))
        found = dict(zip(checks, answers, strict=True))
        ready = all(answer == "ok" for answer in answers)
        return web.json_response(found, status=200 if ready else 503)

    async def scrape(_: web.Request) -> web.Response:
        return web.Response(
            body=await metrics(), headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"}
        )

    return [web.get("/healthz", healthz), web.get("/readyz", readyz), web.get("/metrics", scrape)]


async def _answer(name: str, check: Check) -> str:
    """`ok` or `unreachable`; the reason is logged only, for it may name hosts."""
    try:
        await asyncio.wait_for(check(), _PATIENCE_SECONDS)
    except Exception:
        logger.exception("%s is not reachable", name)
        return "unreachable"
    return "ok"
