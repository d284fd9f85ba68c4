"""Where a commit came from, by the pushes that GitHub lists."""

from collections.abc import AsyncGenerator
from typing import cast

import pytest

from bot.github.connection import InstallationConnection
from bot.github.origin import Origin, origin_of, read_pushes


class Listing:
    """A connection that lists 600 pushes to develop, and two to other refs of the commit of the first."""

    def __init__(self) -> None:
        self.read = 0

    async def each(self, _path: str, **_variables: str) -> AsyncGenerator[dict[str, str], None]:
        refs = ["refs/heads/develop", "refs/heads/feat/tax", "refs/tags/v1"] + ["refs/heads/develop"] * 600
        for number, ref in enumerate(refs):
            self.read += 1
            yield {"ref": ref, "after": f"{max(0, number - 2):040d}"}


@pytest.mark.parametrize(
    ("commits", "read"),
    [(["0" * 40], 100), ([f"{150:040d}"], 200), (["0" * 40, f"{350:040d}"], 400), (["fffffff"], 500)],
)
async def test_pushes_are_read_page_by_page_until_all_that_is_sought_is_found(
    commits: list[str], read: int
) -> None:
    listing = Listing()
    await read_pushes(cast("InstallationConnection", listing), "acme/shop", commits)
    assert listing.read == read


async def test_every_branch_that_stood_at_a_commit_counts_and_no_tag() -> None:
    pushes = await read_pushes(cast("InstallationConnection", Listing()), "acme/shop", ["0000000"])
    assert origin_of(pushes, "0" * 40) == Origin("0" * 40, ("develop", "feat/tax"))
    assert origin_of(pushes, "fffffff") is None
