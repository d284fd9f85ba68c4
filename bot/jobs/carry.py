"""Do one step of a release, and say how everything stands after it."""

from dataclasses import dataclass, replace

from semver import Version

from bot.github.merged import MergedPull, read_brought
from bot.github.releasing import (
    Merging,
    Repository,
    conflicting,
    create_release,
    create_tag,
    delete_branch,
    merge,
    open_back_merge,
    publish_release,
)
from bot.releases.notes import notes
from bot.releases.plan import BranchState, ReleaseState, State, Target, TargetState
from bot.releases.steps import (
    BackMerge,
    CreateRelease,
    CreateTag,
    DeleteBranch,
    OpenBackMerge,
    PublishRelease,
    Step,
)
from bot.rules.claim import contained
from bot.rules.facts import ReleaseFacts
from bot.rules.models import Rulebook
from bot.rules.succession import last_final
from bot.rules.tags import tag_of
from bot.text.notes import notes_text
from bot.text.release import back_merge_body, back_merge_title
from bot.text.render import render


@dataclass(frozen=True, slots=True)
class Released:
    """A merged release: what was read of pull request `number`, its rulebook, and its version."""

    number: int
    merged: MergedPull
    rulebook: Rulebook
    version: Version
    facts: ReleaseFacts

    @property
    def tag(self) -> str:
        """The name of its tag."""
        return tag_of(self.rulebook, self.version)

    @property
    def previous(self) -> str | None:
        """The tag of the greatest final version before it on its line; None for a first one."""
        last = last_final(contained(self.facts))
        return next((tag.name for tag in self.facts.tags if tag.version == last), None)


class Carrier:
    """Does the steps of one release. All raise as `Connection.send`."""

    def __init__(self, repository: Repository, released: Released) -> None:
        self._repository, self._released = repository, released

    async def do(self, step: Step, state: State) -> State:
        """Do a step; the state after it."""
        match step:
            case CreateTag():
                return await self._tag(step, state)
            case CreateRelease():
                return await self._publish(step, state)
            case PublishRelease():
                await publish_release(
                    self._repository, state.release_id, latest=step.latest, prerelease=step.prerelease
                )
                return replace(state, release=ReleaseState.PUBLISHED)
            case BackMerge():
                return await self._merge_back(step, state)
            case OpenBackMerge():
                return await self._open(step, state)
            case DeleteBranch():
                gone = await delete_branch(self._repository, step.branch)
                return replace(state, branch_state=BranchState.GONE if gone else BranchState.PROTECTED)
            case _:
                raise ValueError(f"{step.name} is nothing to do")

    async def _tag(self, step: CreateTag, state: State) -> State:
        merged = self._released.merged
        message = (
            f"{merged.title}\n\n#{self._released.number} merged {merged.pull.head} into {merged.pull.base}."
        )
        await create_tag(self._repository, step.tag, step.commit, message)
        return replace(state, tagged=step.commit)

    async def _publish(self, step: CreateRelease, state: State) -> State:
        released = self._released
        brought = await read_brought(
            self._repository.connection, self._repository.id, state.commit, released.previous
        )
        told = notes(released.rulebook, brought.merged)
        text = notes_text(told, released.rulebook.language)
        await create_release(self._repository, step.tag, text, latest=step.latest, prerelease=step.prerelease)
        return replace(state, release=ReleaseState.PUBLISHED)

    async def _merge_back(self, step: BackMerge, state: State) -> State:
        message = f"Merge {step.source} back into {step.target}"
        came = await merge(self._repository, step.target, state.commit, message)
        match came:
            case Merging.DONE:
                target = Target(step.target, TargetState.CONTAINED)
            case Merging.CONFLICT:
                files = await conflicting(self._repository, step.target, state.commit)
                target = Target(step.target, TargetState.CONFLICT, files)
            case _:
                target = Target(step.target, TargetState.REFUSED)
        return _with(state, target)

    async def _open(self, step: OpenBackMerge, state: State) -> State:
        language = self._released.rulebook.language
        number = await open_back_merge(
            self._repository,
            state.commit,
            step.head,
            step.target,
            render(back_merge_title(step), language),
            back_merge_body(step, language),
        )
        return _with(state, Target(step.target, TargetState.OPEN, number=number))


def _with(state: State, target: Target) -> State:
    """The state in which a target stands as it does now."""
    return replace(
        state, targets=tuple(target if each.branch == target.branch else each for each in state.targets)
    )
