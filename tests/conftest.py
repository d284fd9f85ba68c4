"""How the tests are shared among the workers that run them, and which of them are traced."""

import gc
import os
from collections.abc import Generator
from typing import Final

import pytest
from coverage import Coverage
from hypothesis import HealthCheck, settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

# Tracing makes a test nearly twice as dear, so these are not traced: they are not about `bot`, or go where
# others of its tests go. What they alone would cover does not count: the measure can only be too low.
UNTRACED: Final = (
    "tests/architecture/",
    "tests/contract/deploy/",
    "tests/integration/ledger/",
    "tests/integration/web/",
    *(
        f"tests/scenarios/test_{story}.py"
        for story in (
            "audit", "bars", "commands", "failures", "following", "images", "ordering", "orders",
            "release_forks", "trunk",
        )
    ),
)  # fmt: skip
_STORIES: Final = "tests/scenarios/"
_TO_CHILDREN: Final = "COVERAGE_PROCESS_CONFIG"  # how `patch = ["subprocess"]` has them traced


# Nothing is asserted on time: the machine may be busy.
settings.register_profile("signalbox", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("signalbox")


class TheBrowserTogether(LoadScopeScheduling):  # type: ignore[misc]  # published without types
    """Each test goes to whichever worker is free; those with a browser to one, which plays the demo once."""

    def _split_scope(self, nodeid: str) -> str:
        return "browser" if nodeid.startswith("tests/browser/") else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> TheBrowserTogether:
    """xdist's own groups have no effect with this pytest, whose tests' ids cannot be changed."""
    return TheBrowserTogether(config, log)


def pytest_collection_finish() -> None:
    """What was imported and collected is no garbage: each search for some would look at all of it again."""
    gc.freeze()


def is_traced(item: pytest.Item) -> bool:
    """Whether a test counts for the coverage of `bot`: of a story that is told of many cases, the first."""
    case = getattr(item, "callspec", None)
    if item.nodeid.startswith(UNTRACED):
        return False
    return case is None or not item.nodeid.startswith(_STORIES) or not any(case.indices.values())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Run what is not traced without the tracer, here and in the processes that it starts."""
    coverage = Coverage.current()
    if coverage is None or is_traced(item):
        return (yield)
    inherited = os.environ.pop(_TO_CHILDREN, None)
    coverage.stop()
    try:
        return (yield)
    finally:
        coverage.start()
        if inherited is not None:
            os.environ[_TO_CHILDREN] = inherited
