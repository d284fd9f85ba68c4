"""Accounts, repositories, the App and its installations, as GitHub's webhooks and REST say it."""

from collections.abc import Iterable
from datetime import datetime

from bot.localhub.discussion import ReactionContent
from bot.localhub.git import Commit
from bot.localhub.model import Account, AccountType, App, Installation, PullRequestState, Repository
from bot.localhub.world import Json, World

# The last part of the URLs that GitHub lists for an account and for a repository, by field name.
_ACCOUNT_URLS = {
    "followers_url": "followers",
    "following_url": "following{/other_user}",
    "gists_url": "gists{/gist_id}",
    "starred_url": "starred{/owner}{/repo}",
    "subscriptions_url": "subscriptions",
    "organizations_url": "orgs",
    "repos_url": "repos",
    "events_url": "events{/privacy}",
    "received_events_url": "received_events",
}
_REPOSITORY_URLS = {
    "forks_url": "forks",
    "collaborators_url": "collaborators{/collaborator}",
    "hooks_url": "hooks",
    "branches_url": "branches{/branch}",
    "tags_url": "tags",
    "blobs_url": "git/blobs{/sha}",
    "git_tags_url": "git/tags{/sha}",
    "git_refs_url": "git/refs{/sha}",
    "trees_url": "git/trees{/sha}",
    "statuses_url": "statuses/{sha}",
    "commits_url": "commits{/sha}",
    "git_commits_url": "git/commits{/sha}",
    "comments_url": "comments{/number}",
    "contents_url": "contents/{+path}",
    "compare_url": "compare/{base}...{head}",
    "merges_url": "merges",
    "issues_url": "issues{/number}",
    "pulls_url": "pulls{/number}",
    "labels_url": "labels{/name}",
    "releases_url": "releases{/id}",
    "deployments_url": "deployments",
}
_ORGANIZATION_URLS = {
    "repos_url": "repos",
    "events_url": "events",
    "hooks_url": "hooks",
    "issues_url": "issues",
    "members_url": "members{/member}",
    "public_members_url": "public_members{/member}",
}

# REST's words for reactions.
_REACTIONS = {
    **{content: content.lower() for content in ReactionContent},
    ReactionContent.THUMBS_UP: "+1",
    ReactionContent.THUMBS_DOWN: "-1",
}


def moment(at: datetime) -> str:
    """A time as GitHub writes it: 2026-05-15T15:20:33Z."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def maybe(at: datetime | None) -> str | None:
    """The same for a time that may not have come."""
    return None if at is None else moment(at)


def account_json(world: World, account: Account) -> Json:
    """A user, a bot or an organisation."""
    login = account.login
    if account.type is AccountType.BOT:
        login += "[bot]"
    api = f"{world.api_url}/users/{login}"
    return {
        "login": login,
        "id": account.database_id,
        "node_id": account.id,
        "avatar_url": f"{world.url}/avatars/{account.database_id}",
        "gravatar_id": "",
        "url": api,
        "html_url": f"{world.url}/{login}",
        **{field: f"{api}/{path}" for field, path in _ACCOUNT_URLS.items()},
        "type": str(account.type),
        "site_admin": False,
    }


def person_json(world: World, account: Account | None) -> Json | None:
    """Whoever did something; null for a ghost."""
    return None if account is None else account_json(world, account)


def repository_json(world: World, repository: Repository) -> Json:
    """A repository in full, as in a webhook's `repository`."""
    api = api_of(world, repository)
    html = f"{world.url}/{repository.name_with_owner}"
    open_pulls = len(world.pulls_of(repository, PullRequestState.OPEN))
    return {
        **repository_in_brief(repository),
        "owner": account_json(world, repository.owner),
        "html_url": html,
        "description": None,
        "fork": repository.is_fork,
        "url": api,
        **{field: f"{api}/{path}" for field, path in _REPOSITORY_URLS.items()},
        "created_at": moment(repository.created_at),
        "updated_at": moment(repository.created_at),
        "pushed_at": moment(repository.created_at),
        "clone_url": str(world.git(repository).path),
        "homepage": None,
        "size": 0,
        "has_issues": True,
        "archived": False,
        "disabled": False,
        "open_issues_count": open_pulls,
        "license": None,
        "default_branch": repository.default_branch,
    }


def repository_in_brief(repository: Repository) -> Json:
    """A repository as `installation` events list it."""
    return {
        "id": repository.database_id,
        "node_id": repository.id,
        "name": repository.name,
        "full_name": repository.name_with_owner,
        "private": repository.is_private,
    }


def api_of(world: World, repository: Repository) -> str:
    """The REST address of a repository."""
    return f"{world.api_url}/repos/{repository.name_with_owner}"


def organization_json(world: World, account: Account) -> Json:
    """An organisation, as its own events and those of its repositories carry it."""
    api = f"{world.api_url}/orgs/{account.login}"
    return {
        "login": account.login,
        "id": account.database_id,
        "node_id": account.id,
        "url": api,
        **{field: f"{api}/{path}" for field, path in _ORGANIZATION_URLS.items()},
        "avatar_url": f"{world.url}/avatars/{account.database_id}",
        "description": "",
    }


def reactions_json(url: str, given: Iterable[ReactionContent] = ()) -> Json:
    """How many reactions of each kind there are. `url` is what was reacted to."""
    told = [_REACTIONS[content] for content in given]
    counts = {word: told.count(word) for word in _REACTIONS.values()}
    return {"url": f"{url}/reactions", "total_count": len(told), **counts}


def commit_json(commit: Commit) -> Json:
    """A commit as check suites and merge groups carry it."""
    return {
        "id": commit.oid,
        "tree_id": commit.tree,
        "message": commit.message,
        "timestamp": moment(commit.committer.at),
        "author": {"name": commit.author.name, "email": commit.author.email},
        "committer": {"name": commit.committer.name, "email": commit.committer.email},
    }


def app_json(world: World, app: App) -> Json:
    """An App, as `GET /app`, check runs and its comments show it."""
    return {
        "id": app.database_id,
        "slug": app.slug,
        "node_id": app.id,
        "owner": account_json(world, app.owner),
        "name": app.name,
        "description": "",
        "external_url": world.url,
        "html_url": f"{world.url}/apps/{app.slug}",
        "created_at": moment(app.created_at),
        "updated_at": moment(app.created_at),
        "permissions": dict(app.permissions),
        "events": list(app.events),
    }


def installation_json(world: World, installation: Installation) -> Json:
    """An installation, as `GET /app/installations` and `installation` events show it."""
    number = installation.database_id
    api = world.api_url
    return {
        "id": number,
        "account": account_json(world, installation.account),
        "repository_selection": selection(installation),
        "access_tokens_url": f"{api}/app/installations/{number}/access_tokens",
        "repositories_url": f"{api}/installation/repositories",
        "html_url": f"{world.url}/settings/installations/{number}",
        "app_id": world.app.database_id,
        "app_slug": world.app.slug,
        "target_id": installation.account.database_id,
        "target_type": str(installation.account.type),
        "permissions": dict(world.app.permissions),
        "events": list(world.app.events),
        "created_at": moment(installation.created_at),
        "updated_at": moment(installation.created_at),
        "single_file_name": None,
        "suspended_by": None,
        "suspended_at": maybe(installation.suspended_at),
    }


def selection(installation: Installation) -> str:
    """GitHub's word for how many repositories the App was given."""
    return "all" if installation.repositories is None else "selected"
