"""The shape of a rulebook: what a team may write in `.github/signalbox.yml`, and what each key means.

The descriptions here are the reference documentation and the JSON Schema. A file need not say everything:
`bot.rules.rulebook` lays it over a preset, and only the whole is held to this shape.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Literal, TypeAlias, get_args

from pydantic import AfterValidator, Field, StrictBool

from bot.message import say
from bot.rules.part import BranchNames, Count, Part, People, Refused, some
from bot.rules.patterns import FORBIDDEN, VERSION, is_legal
from bot.rules.shipping import Databases, Delivery, Environment, Images
from bot.rules.verdict import Enforcement


def _pattern(text: str) -> str:
    if text.count(VERSION) > 1 or (VERSION in text and "*" in text):
        raise Refused(say("{field} stands once, without another wildcard", field=VERSION))
    if not text or FORBIDDEN.search(text.replace(VERSION, "0").replace("*", "x")):
        raise Refused(say("git takes no name of the pattern {found}; wildcards are * and **", found=text))
    return text


def _colour(text: str) -> str:
    if re.fullmatch("[0-9a-fA-F]{6}", text) is None:
        raise Refused(say("expected six hexadecimal digits such as {example}", example="d73a4a"))
    return text


def _tag(text: str) -> str:
    if text.count(VERSION) != 1 or not is_legal(text.replace(VERSION, "0")):
        raise Refused(say("expected the name of a tag that holds {field} once", field=VERSION))
    return text


def _around_version(text: str) -> str:
    if text.count(VERSION) != 1:
        raise Refused(say("expected text that holds {field} once", field=VERSION))
    return text


Permanent: TypeAlias = Literal["main", "develop"]
PERMANENT: tuple[Permanent, ...] = get_args(Permanent)
BranchPattern = Annotated[str, AfterValidator(_pattern)]


class Language(StrEnum):
    """A language that people read, as gettext and HTML name it."""

    EN = "en"
    KO = "ko"


class Branches(Part):
    """The branches that last."""

    main: BranchNames = Field(
        description="What runs in production: a name, or the accepted names, the canonical one first."
    )
    develop: BranchNames | None = Field(
        description="Where the next release is gathered: a name, or the accepted names; `null` for none."
    )


class Kind(Part):
    """A kind of short-lived branch."""

    names: Annotated[tuple[BranchPattern, ...], AfterValidator(some)] = Field(
        description="Patterns of its branches, the canonical one first: `*` within a path segment, "
        "`**` at any depth, `{version}` a strict semantic version. The first kind that fits a name has it.",
    )
    source: Literal["main", "develop", "base"] = Field(
        alias="from", description="What it is cut from; `base` is whatever the pull request goes into."
    )
    without: tuple[Permanent, ...] = Field(
        default=(), description="Permanent branches whose own commits it must not carry."
    )
    into: Annotated[tuple[str, ...], AfterValidator(some)] = Field(
        description="Where it may go: `main`, `develop`, or a kind (any branch of it). "
        "The first is where it goes when nothing else is said.",
    )
    prereleases: StrictBool = Field(
        default=False,
        description="Whether `{version}` may carry a pre-release or build part. Where no kind may, an image "
        "that is tagged with a pre-release goes nowhere by itself.",
    )


class Rules(Part):
    """How much each rule matters: `required` blocks, `advised` only tells, `off` is not looked at."""

    naming: Enforcement = Field(description="The name of the branch is of a kind.")
    base: Enforcement = Field(description="The kind may go into the base of the pull request.")
    ancestry: Enforcement = Field(description="The branch really came from where its kind must.")
    rulebook: Enforcement = Field(description="A changed rulebook is a valid one.")
    database: Enforcement = Field(
        description="No changed manifest of an environment names a database of the other class."
    )
    levels: Enforcement = Field(description="No review level that blocks is outstanding.")
    approvals: Enforcement = Field(
        description="The approvals of `approvals` are there; `advised` makes advice of all of them."
    )
    version: Enforcement = Field(description="The version of a release or hotfix is free, and the next one.")
    files: Enforcement = Field(description="The files of `versions.files` carry it.")
    merging: Enforcement = Field(description="A release or hotfix can be merged by a merge commit.")


class Forks(Part):
    """What is different for pull requests from forks; every other rule applies to them as to all."""

    naming: Enforcement = Field(description="How much the names of forks' branches matter.")
    kind: str | None = Field(
        description="The kind that a fork's branch is held to, for its base and its ancestry, when its name "
        "is of none; `null` for no kind, and then it may go into any base."
    )


class Level(Part):
    """A review level, written at the start of a line of a review or an inline comment."""

    meaning: str = Field(description="What the level says to the author.")
    state: Literal["request_changes", "comment", "approve"] = Field(
        description="The kind of review it belongs to."
    )
    colour: Annotated[str, AfterValidator(_colour)] = Field(description="The colour of its label.")
    blocks: StrictBool = Field(
        default=False, description="Whether it holds the pull request while it is outstanding."
    )


class Reviews(Part):
    """What review levels do."""

    by: People = Field(
        description="Logins, or teams as `owner/team`, whose levels count; empty for all who may write. "
        "Levels of others are only shown.",
    )
    lower: Literal["success", "neutral"] = Field(
        description="What the check says while no level is outstanding but such as do not block."
    )
    states: StrictBool = Field(
        description="Whether a reviewer is told of an approval with a level that blocks, and of a request "
        "for changes with none but levels that belong to an approval."
    )


class Labels(Part):
    """The labels that a pull request carries; labels of other names are left alone."""

    levels: StrictBool = Field(description="The name of the gravest outstanding level.")
    kinds: StrictBool = Field(description="The name of the kind of its branch.")


class Approval(Part):
    """Who must approve which pull requests."""

    kinds: tuple[str, ...] = Field(default=(), description="Kinds of branch whose pull requests it is for.")
    into: tuple[str, ...] = Field(
        default=(), description="Bases it is for: `main`, `develop`, or a kind (any branch of it)."
    )
    enforcement: Enforcement = Field(description="How much it matters.")
    count: Count = Field(default=1, description="How many people must approve.")
    by: People = Field(
        default=(),
        description="Logins, or teams as `owner/team`, whose approval counts; empty for all who may write.",
    )
    code_owners: StrictBool = Field(
        default=False, description="Whether an owner of each changed file that CODEOWNERS names must approve."
    )
    current_head: StrictBool = Field(
        default=True, description="Whether only approvals of the newest commit count."
    )
    last_pusher: StrictBool = Field(
        default=True, description="Whether the approval of whoever pushed last counts."
    )
    checks: StrictBool = Field(default=False, description="Whether every other check must have passed.")


class VersionFile(Part):
    """A file that carries the version."""

    path: str = Field(description="The file, from the root of the repository.")
    pattern: Annotated[str, AfterValidator(_around_version)] | None = Field(
        default=None,
        description="The text around `{version}`, wherever it stands; `null` where the name of the file "
        "says it (`pyproject.toml`, `package.json`).",
    )


class Versions(Part):
    """Where the version of a release comes from and what it must agree with."""

    source: Literal["branch", "labels", "commits"] = Field(
        description="What says the version: the name of the branch, `semver:` labels, or the commits."
    )
    tag: Annotated[str, AfterValidator(_tag)] = Field(description="The name of the tag of a `{version}`.")
    content: Enforcement = Field(
        description="How much it matters that MAJOR is for incompatible changes, MINOR for features "
        "and PATCH for fixes."
    )
    files: tuple[VersionFile, ...] = Field(description="Files that must carry the version.")
    unversioned: Literal["off", "report", "tag"] = Field(
        description="What to do about a push to main that no release or hotfix brought."
    )


class Rulebook(Part):
    """Everything a team may decide."""

    preset: Literal["git-flow", "trunk"] = Field(description="The rulebook this one starts from.")
    language: Language = Field(description="The language of what Signalbox writes.")
    branches: Branches = Field(description="The branches that last.")
    kinds: Mapping[str, Kind] = Field(description="The kinds of short-lived branches; `null` removes one.")
    rules: Rules = Field(
        description="How much each rule matters: `required` blocks, `advised` tells, `off` does neither."
    )
    forks: Forks = Field(description="What is different for pull requests from forks.")
    bots: tuple[BranchPattern, ...] = Field(
        description="Branches that are free of naming and ancestry when a bot opened the pull request."
    )
    levels: Mapping[str, Level] = Field(description="The review levels, gravest first; `null` removes one.")
    reviews: Reviews = Field(description="What the review levels do.")
    labels: Labels = Field(description="The labels that a pull request carries.")
    approvals: Mapping[str, Approval] = Field(description="Who must approve; `null` removes one.")
    versions: Versions = Field(description="Versions, their tags and their files.")
    environments: Mapping[str, Environment] = Field(
        description="The environments, in the order of promotion; `null` removes one."
    )
    delivery: Delivery = Field(
        description="What is built from the repository, and where the manifests of what runs are."
    )
    databases: Databases = Field(description="The two classes of databases.")
    images: Images = Field(description="The clean-up of container images.")

    def enforcement(self, rule: str, *, from_fork: bool) -> Enforcement:
        """How much `rule` (a key of `rules`, or `content` of `versions`) matters here."""
        if rule == "content":
            return self.versions.content
        part = self.forks if from_fork and rule in Forks.model_fields else self.rules
        return Enforcement(getattr(part, rule))


# The parts whose keys are names that a team gives and, with `null`, takes away.
NAMED = tuple(
    name for name, field in Rulebook.model_fields.items() if "`null` removes one" in (field.description or "")
)
