"""Container packages: what an account has, the versions of one, and their end. No App gets in here."""

from bot.localhub.gate import Call, Reply, Who
from bot.localhub.model import AccountType
from bot.localhub.packages import Package, Packages, PackageVersion
from bot.localhub.payloads.packages import package_json, package_version_json
from bot.localhub.refusals import Forbidden, NotFound
from bot.localhub.rest.parts import Route, page
from bot.localhub.world import World

_NO_CONTENT = 204


class PackageRoutes:
    """Answer what the App asks about packages."""

    def __init__(self, world: World, packages: Packages) -> None:
        self._world, self._packages = world, packages

    def routes(self) -> list[Route]:
        """The routes of this part."""
        found: list[Route] = []
        for home in ("/orgs/{org}/packages", "/users/{username}/packages"):
            versions = f"{home}/{{package_type}}/{{package_name}}/versions"
            found += [
                ("GET", home, self.packages, Who.HOLDER),
                ("GET", versions, self.versions, Who.HOLDER),
                ("GET", f"{versions}/{{package_version_id}}", self.version, Who.HOLDER),
                ("DELETE", f"{versions}/{{package_version_id}}", self.delete, Who.HOLDER),
            ]
        return found

    async def packages(self, call: Call) -> Reply:
        """`GET /orgs/{org}/packages` and `GET /users/{username}/packages`."""
        _must_have(call, "read:packages")
        owner = self._owner(call)
        shown = [
            package_json(self._world, one, len(self._packages.versions_of(one)))
            for one in self._packages.packages.values()
            if one.owner.login == owner and self._covers(call, one)
        ]
        return page(call, shown if call.request.query.get("package_type") == "container" else [])

    async def versions(self, call: Call) -> Reply:
        """`GET …/packages/{package_type}/{package_name}/versions`, the newest first."""
        _must_have(call, "read:packages")
        package = self._package(call)
        found = self._packages.versions_of(package)
        return page(call, [package_version_json(self._world, package, one) for one in found])

    async def version(self, call: Call) -> Reply:
        """`GET …/packages/{package_type}/{package_name}/versions/{package_version_id}`."""
        _must_have(call, "read:packages")
        package = self._package(call)
        return Reply(package_version_json(self._world, package, self._version(call, package)))

    async def delete(self, call: Call) -> Reply:
        """`DELETE …/packages/{package_type}/{package_name}/versions/{package_version_id}`."""
        _must_have(call, "read:packages", "delete:packages")
        package = self._package(call)
        version = self._version(call, package)
        if self._permission(call, package) != "admin":
            raise Forbidden("You must have admin permission to the package.")
        self._packages.delete(version)
        return Reply(None, _NO_CONTENT)

    def _package(self, call: Call) -> Package:
        names = call.request.match_info
        package = self._packages.of(f"{self._owner(call)}/{names['package_name']}")
        if names["package_type"] != "container" or not self._covers(call, package):
            raise NotFound("Package not found.")
        return package

    def _version(self, call: Call, package: Package) -> PackageVersion:
        wanted = call.request.match_info["package_version_id"]
        found = (one for one in self._packages.versions_of(package) if str(one.database_id) == wanted)
        if (version := next(found, None)) is None:
            raise NotFound("Package version not found.")
        return version

    def _owner(self, call: Call) -> str:
        names = call.request.match_info
        login = names.get("org") or names["username"]
        account = self._world.accounts.get(login.lower())
        is_organisation = account is not None and account.type is AccountType.ORGANIZATION
        if account is None or ("org" in names) is not is_organisation:
            raise NotFound("Not Found")
        return account.login

    def _covers(self, call: Call, package: Package) -> bool:
        return self._permission(call, package) != "none"

    def _permission(self, call: Call, package: Package) -> str:
        return self._world.permission(self._world.repositories[package.repository], call.person.login)


def _must_have(call: Call, *scopes: str) -> None:
    if not call.scopes.issuperset(scopes):
        raise Forbidden(f"You need at least {' and '.join(scopes)} scope to do this.")
