"""Do the steps of a release one after another, and say how everything stands after each."""

from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import quote

from semver import Version

from bot.errors import GiveUp
from bot.github.merged import Brought, Contents
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
from bot.jobs.recorder import Recorder, said
from bot.message import Link, Message, say
from bot.releases.notes import notes
from bot.releases.plan import ReleaseState, State, Target, TargetState, is_left, plan, waited_for
from bot.releases.steps import (
    BackMerge,
    CreateRelease,
    CreateTag,
    DeleteBranch,
    OpenBackMerge,
    Plan,
    PublishRelease,
    Step,
    Stop,
)
from bot.rules.claim import last_tag
from bot.rules.facts import ReleaseFacts, Tag
from bot.rules.models import Language, Rulebook
from bot.rules.succession import bare
from bot.rules.tags import tag_of, version_of_tag
from bot.text.notes import notes_text
from bot.text.release import back_merge_body, back_merge_title
from bot.text.render import render
from service.ledger.releases import Release, Releases, StepState
from service.ledger.store import Ledger

# Who acts here, in the audit.
ACTOR: Final = "signalbox[bot]"


@dataclass(frozen=True, slots=True)
class Released:
    """What becomes a version, by which rulebook; `message` is what its tag says."""

    rulebook: Rulebook
    version: Version
    facts: ReleaseFacts
    message: str

    @property
    def there(self) -> Tag | None:
        """The tag that it has, however that is spelt; of several, rather the one at its own commit."""
        here, name = self.facts.merge_commit, tag_of(self.rulebook, self.version)
        tags = [tag for tag in self.facts.tags if tag.version == bare(self.version)]
        return min(tags, key=lambda tag: (tag.target != here, tag.name != name), default=None)

    @property
    def tag(self) -> str:
        """The name of its tag."""
        return self.there.name if self.there else tag_of(self.rulebook, self.version)


class Carrier:
    """Does the steps of one release. All raise as `Connection.send`."""

    def __init__(self, repository: Repository, released: Released, contents: Contents) -> None:
        self._repository, self._released, self._contents = repository, released, contents
        self.notes: str | None = None  # what it was published with, once it is

    async def do(self, step: Step, state: State) -> State:
        """Do a step; the state after it."""
        match step:
            case CreateTag():
                return await self._tag(step, state)
            case CreateRelease():
                return await self._publish(step, state)
            case PublishRelease():
                return await self._publish_draft(step, state)
            case BackMerge():
                return await self._merge_back(step, state)
            case OpenBackMerge():
                return await self._open(step, state)
            case DeleteBranch():
                return await self._clean_up(step, state)
            case _:
                raise ValueError(f"{step.name} is nothing to do")

    async def _tag(self, step: CreateTag, state: State) -> State:
        await create_tag(self._repository, step.tag, step.commit, self._released.message)
        return replace(state, tagged=step.commit)

    async def _publish(self, step: CreateRelease, state: State) -> State:
        released = self._released
        previous = last_tag(released.facts)
        brought = await self._contents.of(state.commit, previous)
        told = notes(
            released.rulebook,
            brought.merged,
            compare=_compared(brought.url, previous, step.tag),
            most=None if brought.whole else len(brought.changes),
        )
        text = notes_text(told, released.rulebook.language)
        latest = step.latest and self._is_latest(brought)
        await create_release(self._repository, step.tag, text, latest=latest, prerelease=step.prerelease)
        self.notes = text
        return replace(state, release=ReleaseState.PUBLISHED)

    async def _publish_draft(self, step: PublishRelease, state: State) -> State:
        brought = await self._contents.of(state.commit, last_tag(self._released.facts))
        latest = step.latest and self._is_latest(brought)
        await publish_release(self._repository, state.release_id, latest=latest, prerelease=step.prerelease)
        return replace(state, release=ReleaseState.PUBLISHED)

    def _is_latest(self, brought: Brought) -> bool:
        """Whether no greater version is Latest, which may have come since this one began (V9)."""
        found = version_of_tag(self._released.rulebook, brought.latest)
        return found is None or found < self._released.version

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

    async def _clean_up(self, step: DeleteBranch, state: State) -> State:
        left = await delete_branch(self._repository, step.branch, step.tip)
        if step in state.spent:
            return replace(state, spent=tuple(each for each in state.spent if each != step))
        return replace(state, branch_state=left)

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
        return _with(state, Target(step.target, TargetState.OPEN, step.files, number))


def _compared(url: str, previous: str | None, tag: str) -> Link | None:
    """Where all changes since the version before are seen; a first one has none to compare with."""
    if previous is None:
        return None
    return Link(f"{previous}...{tag}", f"{url}/compare/{quote(previous)}...{quote(tag)}")


def _with(state: State, target: Target) -> State:
    """The state in which a target stands as it does now."""
    return replace(
        state, targets=tuple(target if each.branch == target.branch else each for each in state.targets)
    )


async def carry(carrier: Carrier, ledger: Ledger, record: Release, state: State) -> tuple[Plan, State]:
    """Do every step that can be done, and record each; what is left, and how it stands then."""
    releases, planned = ledger.releases, plan(state)
    while (step := _next(planned)) is not None:
        try:
            state = await carrier.do(step, state)
        except GiveUp as refusal:
            await releases.step(record, step.name, StepState.FAILED, {"why": str(refusal)})
            return replace(planned, steps=(Stop(refused(step, refusal)),)), state
        if not (isinstance(step, BackMerge) and is_left(step, state)):
            await releases.step(record, step.name, StepState.DONE, {})
            await _keep(Recorder(ledger), record, step)
        if isinstance(step, CreateRelease) and carrier.notes is not None:
            await releases.note(record, carrier.notes)
        planned = plan(state)
    await _stand(releases, record, planned, state)
    if planned.is_complete:
        await releases.finish(record)
    return planned, state


async def stop(releases: Releases, record: Release, why: Stop) -> None:
    """Record that a release cannot go on before a person acts."""
    await releases.step(record, why.name, StepState.FAILED, {"why": said(why.reason)})


async def _stand(releases: Releases, record: Release, planned: Plan, state: State) -> None:
    """Record what stops a release and what it waits for, and that what did so before is over."""
    await releases.waits(record, _waiting(record, state))
    stops = [step for step in planned.steps if isinstance(step, Stop)]
    for each in stops:
        await stop(releases, record, each)
    over = [step.name for step in record.steps if step.state is StepState.FAILED and not stops]
    for name in over:  # this run did it, or a person
        await releases.step(record, name, StepState.DONE, {})


def _waiting(record: Release, state: State) -> dict[str, dict[str, Any]]:
    """The back-merges that wait for a person, by the names of their steps: why, where, and what conflicts."""
    known, found = {step.name: step.detail for step in record.steps}, {}
    for target in state.targets:
        name, reason = BackMerge(state.tag, target.branch).name, waited_for(target)
        if reason is not None:
            files = list(target.files) or known.get(name, {}).get("files", [])
            where = {"branch": target.branch, "number": target.number, "files": files}
            found[name] = {"why": said(reason), **where}
    return found


def refused(step: Step, refusal: Exception) -> Message:
    """Say that GitHub does not do a step, and why."""
    return say("GitHub refuses this step: {what} {why}", what=step.sentence, why=str(refusal))


async def _keep(recorder: Recorder, record: Release, step: Step) -> None:
    why = render(step.sentence, Language.EN)
    origin = f"#{record.pull}" if record.pull is not None else "push"
    await recorder.act(record.repository, ACTOR, step.name, record.tag, why, origin)


def _next(planned: Plan) -> Step | None:
    """The step to do now; None where nothing is left to do, or a person has to act first."""
    step = next(iter(planned.steps), None)
    return None if isinstance(step, Stop) else step
