"""What jobs read of repositories and pull requests, in the words of the ledger."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import partial

from bot.delivery.image import normalised
from bot.github.described import Described, Home
from bot.releases.role import role_of
from bot.rules.branches import kind_of, kind_of_head, permanent
from bot.rules.environments import before
from bot.rules.models import Rulebook
from bot.rules.rulebook import DEFAULT, Invalid, Reading
from service.ledger.pulls import PullRequest
from service.ledger.repositories import KnownRepository, Place
from service.ledger.repository import Repository
from service.ledger.store import Ledger


async def record_repository(ledger: Ledger, installation: int, home: Home, reading: Reading) -> None:
    """Record a repository as it was read. Raises as the ledger does."""
    await ledger.repositories.update(home.id, partial(known, installation, home, reading))


def known(
    installation: int, home: Home, reading: Reading, standing: KnownRepository | None
) -> KnownRepository:
    """The repository as it was read; what could not be read is as it stands in the ledger."""
    place = Repository(home.id, home.full_name)
    blank = KnownRepository(place, home.private, installation, home.default_branch, "", None, None, None)
    bare = replace(
        standing or blank,
        repository=place,
        private=home.private,
        installation=installation,
        default_branch=home.default_branch,
    )
    if not isinstance(reading, Rulebook):
        return replace(bare, rulebook="invalid" if isinstance(reading, Invalid) else "unreadable")
    branches = reading.branches
    return replace(
        bare,
        rulebook="absent" if reading is DEFAULT else "own",
        preset=reading.preset,
        main=_named(home.main, bare.main, branches.main),
        develop=_named(home.develop, bare.develop, branches.develop or ()),
        levels=tuple(reading.levels),
        images=tuple(map(normalised, reading.delivery.images)),
        gitops=reading.delivery.repository,
        environments=tuple(
            Place(name, each.source, each.deploy, each.database, before(reading, name))
            for name, each in reading.environments.items()
        ),
    )


def _named(read: str | None, standing: str | None, accepted: Collection[str]) -> str | None:
    """What a permanent branch is called: as was read, else as is known, else as it would be called."""
    if read is not None:
        return read
    return standing if standing in accepted else next(iter(accepted), None)


def pull_request(
    place: Repository,
    described: Described,
    reading: Reading,
    conclusions: Mapping[str, str],
    levels: Collection[tuple[str, int]],
) -> PullRequest:
    """A pull request as it was read, and as it was judged by the rulebook in force."""
    pull, rulebook = described.pull, reading if isinstance(reading, Rulebook) else None
    return PullRequest(
        repository=place,
        number=pull.number,
        title=described.title,
        url=described.url,
        author=pull.author.login,
        head=pull.head,
        head_commit=pull.head_oid,
        kind=kind_of_head(rulebook, pull) if rulebook else None,
        base=pull.base,
        base_kind=(permanent(rulebook, pull.base) or kind_of(rulebook, pull.base)) if rulebook else None,
        role=role_of(rulebook, pull) if rulebook else None,
        draft=described.draft,
        state=described.state,
        conclusions=conclusions,
        levels=tuple(levels),
        opened_at=described.opened_at,
        merged_at=described.merged_at,
        closed_at=described.closed_at,
        merge_commit=described.merge_commit,
    )
