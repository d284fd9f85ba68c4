"""Container packages and their versions, as REST says it."""

from bot.localhub.model import AccountType
from bot.localhub.packages import Package, PackageVersion
from bot.localhub.payloads.common import account_json, moment, repository_json
from bot.localhub.world import Json, World


def package_json(world: World, package: Package, count: int) -> Json:
    """A package that has so many versions."""
    repository = world.repositories[package.repository]
    return {
        "id": package.database_id,
        "name": package.name,
        "package_type": "container",
        "owner": account_json(world, package.owner),
        "version_count": count,
        "visibility": "private" if repository.is_private else "public",
        "url": _api(world, package),
        "html_url": _page(world, package),
        "created_at": moment(package.created_at),
        "updated_at": moment(package.created_at),
        "repository": repository_json(world, repository),
    }


def package_version_json(world: World, package: Package, version: PackageVersion) -> Json:
    """A version of a package: a manifest."""
    page = _page(world, package)
    return {
        "id": version.database_id,
        "name": version.digest,
        "url": f"{_api(world, package)}/versions/{version.database_id}",
        "package_html_url": page,
        "html_url": f"{page}/{version.database_id}",
        "created_at": moment(version.created_at),
        "updated_at": moment(version.created_at),
        "metadata": {"package_type": "container", "container": {"tags": list(version.tags)}},
    }


def _api(world: World, package: Package) -> str:
    return f"{world.api_url}/{_owners(package)}/{package.owner.login}/packages/container/{package.name}"


def _page(world: World, package: Package) -> str:
    return f"{world.url}/{_owners(package)}/{package.owner.login}/packages/container/package/{package.name}"


def _owners(package: Package) -> str:
    return "orgs" if package.owner.type is AccountType.ORGANIZATION else "users"
