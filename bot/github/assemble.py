"""Assemble the facts of one pull request, asking further only for what the judgement may depend on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType

from bot.github import conversation, nodes
from bot.github.connection import InstallationConnection
from bot.github.conversation import OwnComment
from bot.github.lists import read_lists
from bot.github.manifests import read_manifests
from bot.github.nodes import Node, Published, Target
from bot.github.people import members, pusher, role
from bot.github.versions import read_release
from bot.rules import needs
from bot.rules.facts import Facts, Line, Override, Proposal, Pull, Role
from bot.rules.rulebook import Reading, Rulebook
from bot.rules.verdict import PREFIX
from bot.text.overrides import recalled


@dataclass(frozen=True, slots=True)
class Assembled:
    """The facts of a pull request, and what writing to it needs.

    `id` is its node id, `labels` are the node ids of those that it carries, by name. `queued` is the head of
    the merge group that it waits in, "" where it waits in none.
    """

    facts: Facts
    id: str
    labels: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    comment: OwnComment | None = None
    queued: str = ""


@dataclass(frozen=True, slots=True)
class Shared:
    """What all pull requests of one head have in common.

    `commit` is the head's node, `node` the repository's.
    """

    app_id: int
    repository: str  # "owner/name"
    reading: Reading
    commit: Node
    published: tuple[Published, ...]
    lines: Mapping[str, Line]
    main: str
    develop: str | None
    proposal: Proposal | None
    node: Node


async def assemble(
    connection: InstallationConnection, target: Target, shared: Shared, node: Node, *, answering: bool
) -> Assembled:
    """Assemble the facts of the pull request in `node`.

    `answering` says whether orders in its comments are to be answered now: only when it was asked about
    itself, not when another one shares its head.
    """
    pull = nodes.pull(node)
    pull = replace(pull, base_line=shared.lines.get(pull.base))
    rulebook = shared.reading if isinstance(shared.reading, Rulebook) else None
    wants_owners = rulebook is not None and needs.owners(rulebook, pull)
    wants_manifests = rulebook is not None and needs.manifests(rulebook)
    optional = {
        "contexts": rulebook is not None and needs.checks(rulebook, pull),
        "files": wants_owners or wants_manifests or shared.proposal is not None,
    }
    lists = await read_lists(connection, target, node, shared.commit, optional)
    owners = conversation.owners(node, lists["files"]) if wants_owners else None
    facts = Facts(
        repository=shared.repository,
        pull=pull,
        main=shared.lines.get(shared.main),
        develop=shared.lines.get(shared.develop) if shared.develop else None,
        proposal=_proposed(shared.proposal, node, lists["files"]),
        reviews=conversation.reviews(lists["reviews"]),
        threads=conversation.threads(lists["threads"]),
        labels=tuple(label["name"] for label in node["labels"]["nodes"]),
        orders=conversation.orders(lists["comments"]),
        overrides=_overrides(shared.published, pull),
        checks=conversation.other_checks(lists["contexts"], shared.app_id),
        required=conversation.required(node["baseRef"]),
        reported=_reported(shared.published),
        owners=owners,
    )
    facts = await _with_roles(connection, facts) if answering else _answered(facts)
    if rulebook is not None:
        facts = await _with_people(connection, facts, rulebook, node)
        facts = await _with_release(connection, target, shared, node, rulebook, facts)
        if wants_manifests:
            facts = await _with_manifests(connection, target, node, lists["files"], rulebook, facts)
    return Assembled(
        facts=facts,
        id=node["id"],
        labels={label["name"]: label["id"] for label in node["labels"]["nodes"]},
        comment=conversation.own_comment(lists["comments"]),
        queued=((node["mergeQueueEntry"] or {}).get("headCommit") or {}).get("oid", ""),
    )


def _proposed(proposal: Proposal | None, node: Node, files: Sequence[Node]) -> Proposal | None:
    """The proposed rulebook, where this pull request changes it: a branch may merely be older.

    GitHub lists at most 3,000 files; what it does not list may be the one (R11).
    """
    if proposal is None:
        return None
    listed = proposal.path in {file["path"] for file in files}
    return proposal if listed or len(files) < node["changedFiles"] else None


def _overrides(published: Sequence[Published], pull: Pull) -> tuple[Override, ...]:
    """The overrides in force: of this pull request, and for the base that it has had since."""
    kept = (override for run in published for override in recalled(run.summary))
    return tuple(
        each
        for each in kept
        if (each.number, each.base) == (pull.number, pull.base)
        and (pull.retargeted is None or pull.retargeted < each.at)
    )


def _reported(published: Sequence[Published]) -> dict[str, datetime]:
    return {run.name.removeprefix(PREFIX): run.since for run in published if run.since is not None}


def _answered(facts: Facts) -> Facts:
    return replace(facts, orders=tuple(order for order in facts.orders if order.accepted is not None))


async def _with_roles(connection: InstallationConnection, facts: Facts) -> Facts:
    """Ask what those may do who command something, at the moment of the act."""
    roles: dict[str, Role] = {}
    for order in facts.orders:
        login = order.author.login
        if order.accepted is None and login not in roles:
            roles[login] = await role(connection, facts.repository, login)
    known = (replace(order, role=roles.get(order.author.login, Role.NONE)) for order in facts.orders)
    return replace(facts, orders=tuple(known))


async def _with_people(
    connection: InstallationConnection, facts: Facts, rulebook: Rulebook, node: Node
) -> Facts:
    """Ask for the teams, and who pushed last, where it matters."""
    teams = {team: await members(connection, team) for team in sorted(needs.teams(facts, rulebook))}
    facts = replace(facts, teams=teams)
    if not needs.pusher(facts, rulebook) or node["headRepository"] is None:
        return facts
    home = node["headRepository"]["nameWithOwner"]
    return replace(facts, pusher=await pusher(connection, home, facts.pull.head, facts.pull.head_oid))


async def _with_release(
    connection: InstallationConnection,
    target: Target,
    shared: Shared,
    node: Node,
    rulebook: Rulebook,
    facts: Facts,
) -> Facts:
    """Ask what a version is judged by, where merging would make one."""
    if not needs.release(rulebook, facts.pull):
        return facts
    release = await read_release(connection, target, shared.node, rulebook, facts.pull)
    return replace(facts, release=replace(release, ruled=conversation.merge_methods(node["baseRef"])))


async def _with_manifests(
    connection: InstallationConnection,
    target: Target,
    node: Node,
    files: Sequence[Node],
    rulebook: Rulebook,
    facts: Facts,
) -> Facts:
    """Ask for the changed manifests of environments; not where GitHub does not list all files (R11)."""
    if len(files) < node["changedFiles"]:
        return replace(facts, manifests=None)
    paths = [file["path"] for file in files]
    found = await read_manifests(connection, target.repository, target.head, rulebook, paths)
    return replace(facts, manifests=found)
