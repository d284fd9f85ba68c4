"""The two rulebooks that Signalbox knows by heart, as a team would write them."""

from collections.abc import Mapping
from typing import Any

from bot.message import Message, say

# What both presets agree on.
_COMMON: Mapping[str, Any] = {
    "language": "en",
    "rules": {
        "naming": "required",
        "base": "required",
        "ancestry": "required",
        "rulebook": "required",
        "database": "required",
        "levels": "required",
        "approvals": "required",
        "version": "required",
        "files": "required",
        "merging": "required",
    },
    "forks": {"naming": "off", "kind": "feature"},
    "bots": ["dependabot/**", "renovate/**", "signalbox/**"],
    "levels": {
        "P1": {"meaning": "must be done", "state": "request_changes", "colour": "d73a4a", "blocks": True},
        "P2": {"meaning": "should be done", "state": "comment", "colour": "fbca04", "blocks": False},
        "P3": {"meaning": "minor", "state": "approve", "colour": "0e8a16", "blocks": False},
    },
    "reviews": {"by": [], "lower": "success", "states": True},
    "labels": {"levels": True, "kinds": False},
    "versions": {
        "source": "branch",
        "tag": "v{version}",
        "content": "advised",
        "files": [],
        "unversioned": "report",
    },
    "delivery": {
        "images": [],
        "repository": None,
        "branch": None,
        "project": None,
        "migrations": ["**/migrations/versions/**", "**/alembic/**"],
    },
    "databases": {"dummy": {"reset": True}, "real": {"reset": False}},
}

GIT_FLOW: Mapping[str, Any] = {
    **_COMMON,
    "preset": "git-flow",
    "branches": {"main": ["main"], "develop": ["develop", "development"]},
    "kinds": {
        "feature": {"names": ["feat/*", "refact/*", "fix/*"], "from": "develop", "into": ["develop"]},
        "release": {
            "names": ["release-v{version}", "release/v{version}"],
            "from": "develop",
            "into": ["main", "develop"],
            "prereleases": False,
        },
        "hotfix": {
            "names": ["hotfix/*"],
            "from": "main",
            "without": ["develop"],
            "into": ["main", "develop", "release"],
        },
    },
    "approvals": {
        "release": {
            "kinds": ["release", "hotfix"],
            "into": ["release"],
            "enforcement": "required",
            "checks": True,
        },
    },
    "environments": {
        "local": {"from": "feature", "deploy": "manual", "database": "dummy"},
        "dev": {"from": "develop", "deploy": "auto", "database": "dummy"},
        "test": {"from": "develop", "deploy": "auto", "database": "dummy", "degraded": "button"},
        "stage": {"from": "release", "deploy": "auto", "database": "real"},
        "prod": {"from": "tag", "deploy": "auto", "database": "real", "rollback": "release"},
    },
    "images": {"delete_merged": [], "keep": 5},
}

TRUNK: Mapping[str, Any] = {
    **_COMMON,
    "preset": "trunk",
    "branches": {"main": ["main"], "develop": None},
    "kinds": {
        "feature": {"names": ["feature/**"], "from": "main", "into": ["main"]},
        "release": {
            "names": ["release/{version}"],
            "from": "main",
            "into": ["main"],
            "prereleases": False,
        },
        "fix": {"names": ["fix/**"], "from": "base", "without": ["main"], "into": ["main", "release"]},
    },
    "approvals": {
        "main": {"into": ["main"], "enforcement": "advised"},
        "release": {"into": ["release"], "enforcement": "required", "checks": True},
    },
    "environments": {
        "local": {"from": "feature", "deploy": "manual", "database": "dummy"},
        "dev": {"from": "main", "deploy": "auto", "database": "dummy"},
        "test": {"from": "main", "deploy": "auto", "database": "dummy", "degraded": "button"},
        "stage": {"from": "release", "deploy": "auto", "database": "real"},
        "prod": {"from": "release", "deploy": "manual", "database": "real", "rollback": "release"},
    },
    "images": {"delete_merged": ["feature"], "keep": 5},
}

PRESETS: Mapping[str, Mapping[str, Any]] = {"git-flow": GIT_FLOW, "trunk": TRUNK}

# The presets' own words for their levels, which every reader gets in his language; a team's stay as they are.
MEANINGS: Mapping[str, Message] = {
    "must be done": say("must be done"),
    "should be done": say("should be done"),
    "minor": say("minor"),
}
