"""The App asks for the least: every permission and event says why, and no event lacks its permission."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

# The read permission that GitHub wants before an App may subscribe to an event.
NEEDS = {
    "check_run": "checks",
    "check_suite": "checks",
    "deployment": "deployments",
    "deployment_status": "deployments",
    "issue_comment": "issues",
    "member": "members",
    "membership": "members",
    "merge_group": "merge_queues",
    "organization": "members",
    "pull_request": "pull_requests",
    "pull_request_review": "pull_requests",
    "pull_request_review_comment": "pull_requests",
    "pull_request_review_thread": "pull_requests",
    "push": "contents",
    "registry_package": "packages",
    "repository": "metadata",
    "status": "statuses",
    "team": "members",
}
ENTRY = re.compile(r"^ +(?:- )?\w+(?:: (?:read|write))?(  # \S.*)?$")


def faults(text: str) -> list[str]:
    """What is wrong with the permissions and events of a manifest, given as YAML."""
    manifest: Mapping[str, Any] = YAML(typ="safe").load(text)
    permissions, events = manifest["default_permissions"], manifest["default_events"]
    known = [event for event in events if event in NEEDS]
    return [
        *(f"{event}: no such event is expected" for event in events if event not in NEEDS),
        *(f"{event}: lacks {NEEDS[event]}" for event in known if NEEDS[event] not in permissions),
        *(f"{name}: {value}" for name, value in permissions.items() if value not in {"read", "write"}),
        *(f"{name}: twice" for name in sorted(set(events)) if events.count(name) > 1),
        *(f"{line.strip()}: does not say why" for line in entries(text) if "  # " not in line),
    ]


def entries(text: str) -> list[str]:
    """The lines of the permissions and of the events."""
    _, _, rest = text.partition("default_permissions:")
    return [line for line in rest.splitlines() if ENTRY.match(line)]


def test_the_manifest_asks_for_the_least(root: Path) -> None:
    text = (root / "app.yml").read_text("utf-8")
    assert len(entries(text)) > len(NEEDS)
    assert faults(text) == []


def test_the_manifest_registers_a_private_app_with_its_webhook(root: Path) -> None:
    manifest = YAML(typ="safe").load((root / "app.yml").read_text("utf-8"))
    assert manifest["public"] is False
    assert manifest["hook_attributes"]["url"].endswith("/webhooks/github")


@pytest.mark.parametrize(
    ("permission", "event", "fault"),
    [
        ("checks: write", "- push  # it moved", "push: lacks contents"),
        ("contents: admin  # all", "- push  # it moved", "contents: admin"),
        ("contents: read", "- push  # it moved", "contents: read: does not say why"),
        ("contents: read  # rulebook", "- push", "- push: does not say why"),
        ("contents: read  # rulebook", "- gollum  # a wiki", "gollum: no such event is expected"),
        ("contents: read  # rulebook", "- push  # it moved\n  - push  # again", "push: twice"),
    ],
)
def test_a_careless_manifest_is_seen(permission: str, event: str, fault: str) -> None:
    assert fault in faults(f"default_permissions:\n  {permission}\ndefault_events:\n  {event}\n")
