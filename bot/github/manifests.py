"""The manifests that a pull request changes in a GitOps repository, for what they name.

Read only where a rulebook tells databases apart, and only what lies where an environment has its manifests.
"""

from collections.abc import Sequence
from typing import Final

from bot.delivery.databases import referrals
from bot.delivery.yaml_text import Unreadable
from bot.github.connection import InstallationConnection
from bot.github.nodes import Node
from bot.github.versions import read_blobs, text_of
from bot.message import say
from bot.rules.databases import environments
from bot.rules.facts import Manifest
from bot.rules.models import Rulebook

_AT_ONCE: Final = 100  # files a request


async def read_manifests(
    connection: InstallationConnection, repository: str, commit: str, rulebook: Rulebook, paths: Sequence[str]
) -> tuple[Manifest, ...]:
    """Read the manifests of environments among some files at a commit; what is gone there is left out."""
    ours = [path for path in paths if environments(rulebook, path)]
    found: list[Manifest] = []
    for start in range(0, len(ours), _AT_ONCE):
        blobs = await read_blobs(connection, repository, commit, ours[start : start + _AT_ONCE])
        found += [_manifest(path, blob) for path, blob in blobs.items() if blob is not None]
    return tuple(found)


def _manifest(path: str, blob: Node) -> Manifest:
    text = text_of(blob, exact=False)
    if text is None:
        return Manifest(path, trouble=say("{path} cannot be read as text.", path=path))
    try:
        return Manifest(path, referrals(text))
    except Unreadable as trouble:
        return Manifest(path, trouble=say("{path}: {problem}", path=path, problem=trouble.messages[0]))
