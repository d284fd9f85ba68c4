"""One demo, for all tests that come with a browser."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from support.demo import Played, played


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def demo(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Played]:
    """The demo, played once for all of them; its queue is one a process, and over before others begin."""
    async with played(tmp_path_factory.mktemp("demo")) as each:
        yield each
