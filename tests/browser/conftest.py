"""One demo, for all tests that come with a browser."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from support.demo import Played, played


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def demo(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Played]:
    """The demo, played once for all of them."""
    async with played(tmp_path_factory.mktemp("demo")) as each:
        yield each
