"""The webhooks that the benches send: a `pull_request` event of 24 KB, as large as GitHub's own are."""

import json
from pathlib import Path
from typing import Any, Final

from bot.localhub import Hub
from bot.localhub.model import PullRequest, Repository
from bot.localhub.payloads.common import account_json, repository_json
from bot.localhub.payloads.pulls import pull_json

# npm's @octokit/webhooks-examples, where the contract tests put it.
EXAMPLES: Final = (
    Path(__file__).parents[1] / "node_modules/@octokit/webhooks-examples/api.github.com/index.json"
)
_BYTES: Final = 24_000

Payload = dict[str, Any]


def template(hub: Hub, repository: Repository, pull: PullRequest) -> Payload:
    """The event "opened" about a pull request at the hub, installation and repository included.

    GitHub's largest published example where npm's package is there, else the hub's own, filled up to 24 KB.
    """
    payload = _example() if EXAMPLES.exists() else _own(hub, repository, pull)
    payload["repository"] |= repository_json(hub.world, repository)
    installation = hub.world.installation_on(repository)
    if installation is None:
        raise ValueError(f"the App is not installed on {repository.name_with_owner}")
    payload["installation"] = {"id": installation.database_id, "node_id": installation.id}
    payload["pull_request"]["head"]["repo"] = repository_json(hub.world, repository)
    return payload


def about(payload: Payload, number: int, head: str) -> bytes:
    """The body of the same event about another pull request of the repository, at this head."""
    pull = payload["pull_request"]
    told = {**pull, "number": number, "head": {**pull["head"], "sha": head}}
    return json.dumps({**payload, "number": number, "pull_request": told}, separators=(",", ":")).encode()


def _example() -> Payload:
    events = json.loads(EXAMPLES.read_text("utf-8"))
    (examples,) = [event["examples"] for event in events if event["name"] == "pull_request"]
    opened: list[Payload] = [example for example in examples if example["action"] == "opened"]
    return max(opened, key=lambda example: len(json.dumps(example)))


def _own(hub: Hub, repository: Repository, pull: PullRequest) -> Payload:
    payload: Payload = {
        "action": "opened",
        "number": pull.number,
        "pull_request": pull_json(hub.world, pull, 1, ()),
        "repository": repository_json(hub.world, repository),
        "sender": account_json(hub.world, pull.author or repository.owner),
    }
    payload["pull_request"]["body"] = "." * (_BYTES - len(json.dumps(payload, separators=(",", ":"))))
    return payload
