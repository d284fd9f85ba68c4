"""The demo, as it is printed for whoever watches it."""

import pytest
from support.demo import Played

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def test_every_step_comes_as_expected(demo: Played) -> None:
    assert demo.printed.splitlines()[-1] == "demo: 37 steps, 37 as expected"
