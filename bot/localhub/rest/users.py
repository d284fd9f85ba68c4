"""What a person may see and do by way of the App: who they are, which repositories, a comment as them."""

from bot.localhub.comments import Comments
from bot.localhub.gate import Call, Reply, Who
from bot.localhub.installations import Installations, must_be_active
from bot.localhub.model import Account, Installation, Repository
from bot.localhub.payloads.common import account_json, installation_json, repository_json
from bot.localhub.payloads.discussion import issue_comment_json
from bot.localhub.refusals import NotFound
from bot.localhub.rest.parts import Body, Route, body_of, number, page, visible, writable_by_app
from bot.localhub.world import Json, Subject, World

# What each role includes, in the words of `permissions`.
_RIGHTS = {
    "none": (),
    "read": ("pull",),
    "triage": ("pull", "triage"),
    "write": ("pull", "triage", "push"),
    "maintain": ("pull", "triage", "push", "maintain"),
    "admin": ("pull", "triage", "push", "maintain", "admin"),
}


class NewComment(Body):
    """A comment on an issue or a pull request."""

    body: str


class Users:
    """Answer what is asked with the token of a person."""

    def __init__(self, world: World, installations: Installations, comments: Comments) -> None:
        self._world = world
        self._installations = installations
        self._comments = comments

    def routes(self) -> list[Route]:
        """The routes of this part."""
        given = "/user/installations/{installation_id}/repositories"
        comments = "/repos/{owner}/{repo}/issues/{issue_number}/comments"
        return [
            ("GET", "/user", self.user, Who.PERSON),
            ("GET", "/user/installations", self.installations, Who.PERSON),
            ("GET", given, self.repositories, Who.PERSON),
            ("GET", "/repos/{owner}/{repo}", self.repository, Who.PERSON),
            ("POST", comments, self.comment, Who.PERSON),
        ]

    async def user(self, call: Call) -> Reply:
        """`GET /user`."""
        return Reply(account_json(self._world, call.person))

    async def installations(self, call: Call) -> Reply:
        """`GET /user/installations`: those that were given a repository in which the person has a role."""
        installations = self._world.installations.values()
        found = [one for one in installations if self._of(one, call.person)]
        listed = page(call, [installation_json(self._world, one) for one in found])
        return Reply({"total_count": len(found), "installations": listed.body}, headers=listed.headers)

    async def repositories(self, call: Call) -> Reply:
        """`GET /user/installations/{installation_id}/repositories`: those in which the person has a role."""
        number_given = number(call.request.match_info["installation_id"], "installation_id")
        installation = self._world.installations.get(number_given)
        found = self._of(installation, call.person) if installation else []
        if installation is None or not found:
            raise NotFound("Not Found")
        must_be_active(installation)
        listed = page(call, [self._described(one, call.person) for one in found])
        return Reply({"total_count": len(found), "repositories": listed.body}, headers=listed.headers)

    async def repository(self, call: Call) -> Reply:
        """`GET /repos/{owner}/{repo}`."""
        return Reply(self._described(visible(self._world, call), call.person))

    async def comment(self, call: Call) -> Reply:
        """`POST /repos/{owner}/{repo}/issues/{issue_number}/comments`."""
        repository = writable_by_app(self._world, call, "issues")
        said, home = await body_of(call, NewComment), repository.database_id
        place = (home, number(call.request.match_info["issue_number"], "issue_number"))
        subject: Subject | None = self._world.issues.get(place) or self._world.pulls.get(place)
        if subject is None:
            raise NotFound("Not Found")
        made = await self._comments.write(subject, by=call.person, body=said.body, via_app=True)
        told = issue_comment_json(self._world, made)
        return Reply(told, 201, {"Location": told["url"]})

    def _of(self, installation: Installation, person: Account) -> list[Repository]:
        """The repositories of an installation in which a person has a role; that they are public is none."""
        return [
            one
            for one in self._installations.repositories(installation)
            if person == one.owner
            or self._world.permissions.get((one.database_id, person.login.lower()), "none") != "none"
        ]

    def _described(self, repository: Repository, person: Account) -> Json:
        rights = _RIGHTS[self._world.permission(repository, person.login)]
        told = {right: right in rights for right in _RIGHTS["admin"]}
        return {**repository_json(self._world, repository), "permissions": told}
