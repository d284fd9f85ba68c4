"""How the tests are shared among the workers that run them."""

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling


class TheBrowserTogether(LoadScopeScheduling):  # type: ignore[misc]  # published without types
    """Each test goes to whichever worker is free; those with a browser to one, which plays the demo once."""

    def _split_scope(self, nodeid: str) -> str:
        return "browser" if nodeid.startswith("tests/browser/") else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> TheBrowserTogether:
    """xdist's own groups have no effect with this pytest, whose tests' ids cannot be changed."""
    return TheBrowserTogether(config, log)
