"""Releases and hotfixes that were squashed into main, or that never came back to develop."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.message import say
from bot.releases.audit.names import source_of
from bot.releases.audit.report import Fault, Found
from bot.releases.past import Past, PastCommit, VersionTag
from bot.rules.branches import kind_of
from bot.rules.claim import is_versioned, named_version

# What GitHub adds to the title of a pull request that it squashes.
_SQUASHED = re.compile(r"\(#\d+\)\s*$")
_WORDS = re.compile(r"[^\s'\"()\[\],:]+")


@dataclass(frozen=True, slots=True)
class Arrival:
    """A release or hotfix on main: by the merge of `branch` ("" where nothing names it), or by its tag."""

    commit: PastCommit
    branch: str
    tag: VersionTag | None

    @property
    def subject(self) -> str:
        """What people would call it."""
        return self.tag.name if self.tag else self.branch


def arrivals(past: Past) -> Iterator[Arrival]:
    """Find what main became by releases and hotfixes, newest first."""
    tags = _tags(past)
    for commit in _spine(past):
        source = source_of(past, commit)
        branch = source.branch if source and _is_versioned(past, source.branch) else ""
        if branch or commit.oid in tags:
            yield Arrival(commit, branch, tags.get(commit.oid))


def _spine(past: Past) -> list[PastCommit]:
    main = past.permanent("main")
    return past.spine(main) if main else []


def _tags(past: Past) -> dict[str, VersionTag]:
    """The greatest final version of each commit that has one."""
    return {tag.target: tag for tag in past.versions if not tag.version.prerelease}


def not_merged_back(past: Past) -> Iterator[Found]:
    """Find those of which develop has neither the merge nor what was merged."""
    develop = past.permanent("develop")
    if develop is None:
        return
    line = past.line("develop")
    for each in arrivals(past):
        brought = each.commit.parents[1:] or (each.commit.oid,)
        if each.commit.oid not in line and not line.issuperset(brought):
            message = say(
                "{release} is not merged back into {develop}.", release=each.subject, develop=develop
            )
            yield Found(Fault.NOT_BACK, each.subject, each.commit.oid, message)


def squashed(past: Past) -> Iterator[Found]:
    """Find those that came as one new commit, which tears develop and main apart (V4)."""
    tags, left = _tags(past), _left_behind(past)
    for commit in _spine(past):
        tag = tags.get(commit.oid)
        is_left = tag is not None and str(tag.version) in left
        if len(commit.parents) == 1 and (is_left or _is_said(past, commit) or _tells(past, commit, tag)):
            subject = tag.name if tag else commit.headline
            message = say("{release} came into main as one new commit: expected a merge.", release=subject)
            yield Found(Fault.SQUASHED, subject, commit.oid, message)


def _is_said(past: Past, commit: PastCommit) -> bool:
    """Say whether a pull request says that a commit is a release or a hotfix."""
    source = past.sources.get(commit.oid)
    return source is not None and _is_versioned(past, source.branch)


def _tells(past: Past, commit: PastCommit, tag: VersionTag | None) -> bool:
    """Say whether a headline is of a squashed pull request that was a release or a hotfix."""
    if _SQUASHED.search(commit.headline) is None:
        return False
    words = _WORDS.findall(commit.headline)
    if any(_is_versioned(past, word) for word in words):
        return True
    folded = {word.casefold().removeprefix("v") for word in words}
    return tag is not None and not folded.isdisjoint({"release", "hotfix", str(tag.version)})


def _left_behind(past: Past) -> set[str]:
    """The versions of branches that are still there, and whose tips never came to main."""
    line = past.line("main")
    versions = ((named_version(past.rulebook, name), oid) for name, oid in past.branches.items())
    return {str(version) for version, oid in versions if version is not None and oid not in line}


def _is_versioned(past: Past, branch: str) -> bool:
    kind = kind_of(past.rulebook, branch)
    return kind is not None and is_versioned(past.rulebook, kind)
