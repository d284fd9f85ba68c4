"""Cut the branch of a release or a hotfix, write the version into its files, and open its pull request.

What is there already is found and gone on from, so a run that was cut off is simply run again.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from shlex import quote

from semver import Version

from bot.errors import TellUser
from bot.github.merged import Contents
from bot.github.nodes import Target
from bot.github.orders import Branch, read_branches
from bot.github.releasing import Repository, bump_headline, commit_files, create_branch, open_pull
from bot.github.tags import Ends, read_tags
from bot.github.versions import read_changes, read_files
from bot.message import say
from bot.releases.orders import (
    Cut,
    Result,
    must_be_free,
    source_of,
    spellings,
    version_of,
)
from bot.rules.claim import is_hotfix, last_tag, named_version
from bot.rules.commands import line_of
from bot.rules.facts import Order, Pull, ReleaseFacts
from bot.rules.files import mended
from bot.rules.models import Permanent, Rulebook
from bot.text.orders import Opening, opening_body, opening_title
from bot.text.render import render


@dataclass(frozen=True, slots=True)
class Ground:
    """What a branch is cut from and goes into, and what else is merged back into."""

    source: Branch
    main: Branch
    develop: Branch | None


class Cutter:
    """Cuts branches in one repository, by one rulebook; `reservations` are pull requests by version.

    All raise as `Connection.send`, and TellUser where a person has to say or to change something.
    """

    def __init__(self, repository: Repository, rulebook: Rulebook, reservations: Mapping[str, int]) -> None:
        self._repository, self._rulebook, self._reservations = repository, rulebook, reservations

    async def cut(self, cut: Cut, order: Order, number: int) -> tuple[str, Result]:
        """Carry out an order that was written on `number`; the name of the branch, and what came of it."""
        ground = await self._ground(cut.kind)
        release = await self._release(cut, ground)
        name = cut.said if isinstance(cut.said, str) else str(version_of(cut.said, release))
        names = spellings(self._rulebook, cut.kind, name)
        found = await read_branches(self._repository.connection, self._repository.id, names)
        branch = next(iter(found.values()), None)
        if branch is not None and ground.main.name in branch.pulls:
            there = say(
                "#{number} brings {branch} into {base} already.",
                number=branch.pulls[ground.main.name],
                branch=branch.name,
                base=ground.main.name,
            )
            return branch.name, Result(there)
        version = named_version(self._rulebook, names[0])
        if version is not None:
            pull = Pull(0, names[0], ground.source.tip, ground.main.name, order.author)
            must_be_free(pull, release, version)
        return await self._begun(cut, order, number, ground, branch or Branch(names[0], ""), version)

    async def _ground(self, kind: str) -> Ground:
        lines = self._rulebook.branches
        names: dict[Permanent, tuple[str, ...]] = {"main": lines.main, "develop": lines.develop or ()}
        found = await read_branches(
            self._repository.connection, self._repository.id, [*names["main"], *names["develop"]]
        )

        def there(word: Permanent) -> Branch | None:
            return next((found[name] for name in names[word] if name in found), None)

        main, source = there("main"), there(source_of(self._rulebook, kind))
        if main is None or source is None:
            missing = names["main"] if main is None else names["develop"]
            raise TellUser(say("Expected a branch {names}; there is none.", names=missing))
        return Ground(source, main, there("develop"))

    async def _release(self, cut: Cut, ground: Ground) -> ReleaseFacts:
        """What the version is judged by, and its commits where they are to say it."""
        connection, repository = self._repository.connection, self._repository.id
        ends = Ends(ground.main.tip, ground.source.tip)
        tags = await read_tags(connection, repository, self._rulebook, ends)
        release = ReleaseFacts(tags=tags, reservations=self._reservations)
        tag = last_tag(release)
        if cut.said is not None or tag is None:
            return release
        brought = await Contents(connection, repository).of(ground.source.tip, tag)
        return replace(release, changes=brought.changes, whole=brought.whole)

    async def _begun(
        self, cut: Cut, order: Order, number: int, ground: Ground, branch: Branch, version: Version | None
    ) -> tuple[str, Result]:
        """Make what is missing: the branch (which has no tip then), the commit, the pull request."""
        main, tip = ground.main.name, branch.tip or ground.source.tip
        edits = await self._edits(tip, version)
        headline = bump_headline(str(version))
        target = Target(self._repository.id, 0, tip, tip)
        changes, _ = await read_changes(self._repository.connection, target, main)
        if not branch.tip:
            await create_branch(self._repository, branch.name, tip)
        if edits:
            await commit_files(self._repository, branch.name, tip, headline, edits)
        if not (changes or edits):
            return branch.name, _nothing_yet(order, branch.name, main)
        is_fix = is_hotfix(self._rulebook, cut.kind)
        draft = is_fix and all(change.headline == headline for change in changes)
        opening = Opening(
            branch=branch.name,
            source=ground.source.name,
            base=main,
            version=version,
            develop=ground.develop.name if ground.develop else None,
            draft=draft,
            by=order.author.login,
            number=number,
        )
        return branch.name, await self._opened(opening)

    async def _edits(self, commit: str, version: Version | None) -> Mapping[str, str]:
        if version is None:
            return {}
        texts = await read_files(
            self._repository.connection, self._repository.id, commit, self._rulebook, exact=True
        )
        return await asyncio.to_thread(mended, self._rulebook, texts, version)

    async def _opened(self, opening: Opening) -> Result:
        title = render(opening_title(opening), self._rulebook.language)
        body = opening_body(opening, self._rulebook)
        number = await open_pull(
            self._repository, opening.branch, opening.base, title, body, draft=opening.draft
        )
        told = say(
            "#{number} brings {branch} into {base}.",
            number=number,
            branch=opening.branch,
            base=opening.base,
        )
        if opening.draft:
            told = say(
                "#{number} is going to bring {branch} into {base}: a draft, until the fix is on the branch.",
                number=number,
                branch=opening.branch,
                base=opening.base,
            )
        return Result(told)


def _nothing_yet(order: Order, branch: str, main: str) -> Result:
    """A branch without commits, of which GitHub opens no pull request."""
    told = say(
        "The branch {branch} is there, and has nothing yet that {base} has not, so that no pull request can "
        "be opened. Commit to it, push it, and say {command} again.",
        branch=branch,
        base=main,
        command=line_of(order.body) or "",
    )
    return Result(told, ("git fetch origin", f"git switch {quote(branch)}"))
