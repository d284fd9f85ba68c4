"""From the control room to the bot and back: what a person orders there is said as theirs, and answered."""

from collections.abc import Mapping
from pathlib import Path

from support.browser import browsing
from support.world import a_world

STRICT = "preset: git-flow\n"
ORDERS: Mapping[str, dict[str, str]] = {
    "recheck": {},
    "override": {"rule": "naming", "reason": "once"},
    "retry": {},
}


async def test_orders_of_the_control_room_are_answered_where_they_are_said(tmp_path: Path) -> None:
    async with a_world(tmp_path, rulebook=STRICT) as world, browsing(world.url) as browser:
        sora = world.person("sora", "maintain")
        await world.begin("login", "develop")
        pull = await world.open("login", "develop")
        await browser.sign_in("sora")
        for verb, form in ORDERS.items():
            answer = await browser.act(f"/acme/shop/pull/{pull.number}/{verb}", **form)
            assert answer.status == 303
            await world.settled()
        said = [each for each in world.hub.world.issue_comments.values() if each.author == sora]
        answered = [{str(content) for by, content in each.reactions if by != sora} for each in said]
        assert answered == [{"THUMBS_UP"}, {"THUMBS_UP"}, {"THUMBS_DOWN"}]  # nothing is merged yet
