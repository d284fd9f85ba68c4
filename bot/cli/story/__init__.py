"""The demo's story, act by act: what people do, and what they expect Signalbox to answer."""

from typing import Final

from bot.cli.story import branches, environments, releases, reviews
from bot.cli.story.step import Step

STORY: Final[tuple[Step, ...]] = (
    *branches.STEPS,
    *reviews.STEPS,
    *releases.STEPS,
    *environments.STEPS,
)
