"""A merged release: tagged, published, merged back and cleaned up, on real git histories."""

from support.world import World

from bot.localhub.model import PullRequest


async def a_release(world: World, branch: str = "release-v1.2.0") -> PullRequest:
    await world.begin(branch, "develop", {f"{branch}.txt": "out"})
    return await world.open(branch, "main")


async def merged(world: World, pull: PullRequest, method: str = "merge") -> PullRequest:
    """Merge a pull request, and wait for what the bot does."""
    pull = await world.hub.pulls.merge(world.pull(pull.number), by=world.mina, method=method)
    await world.settled()
    return pull


async def git(world: World, *arguments: str) -> str:
    """What git says in the repository at the hub."""
    return (await world.hub.world.git(world.shop).run(*arguments)).decode().strip()


async def test_a_merged_release_is_tagged_published_merged_back_and_cleaned_up(world: World) -> None:
    pull = await merged(world, await a_release(world))
    assert await git(world, "rev-parse", "v1.2.0^{commit}") == pull.merge_commit
    assert await git(world, "cat-file", "-t", "v1.2.0") == "tag"
    (release,) = world.hub.world.releases_of(world.shop)
    assert (release.tag_name, release.is_draft) == ("v1.2.0", False)
    assert await git(world, "merge-base", "--is-ancestor", "v1.2.0", "develop") == ""
    assert "release-v1.2.0" not in await git(world, "branch", "--list")
    assert world.comments(pull) == []
