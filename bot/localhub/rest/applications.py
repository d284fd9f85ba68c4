"""The tokens that the App got for people, as the App ends them: with its id and its secret."""

from bot.localhub.gate import Call, Reply, Who
from bot.localhub.refusals import NotFound, Unprocessable
from bot.localhub.rest.parts import Body, Route, body_of
from bot.localhub.signins import SignIns
from bot.localhub.world import World


class EndToken(Body):
    """The token that shall be good no longer."""

    access_token: str


class Applications:
    """Answer an App that proves itself by its secret."""

    def __init__(self, world: World, signins: SignIns) -> None:
        self._world = world
        self._signins = signins

    def routes(self) -> list[Route]:
        """The routes of this part."""
        return [("DELETE", "/applications/{client_id}/token", self.end, Who.ANYONE)]

    async def end(self, call: Call) -> Reply:
        """`DELETE /applications/{client_id}/token`."""
        if call.request.match_info["client_id"] != self._world.app.client_id:
            raise NotFound("Not Found")
        said = await body_of(call, EndToken)
        if not self._signins.end(call.request.headers.get("Authorization", ""), said.access_token):
            raise Unprocessable("Validation Failed")
        return Reply(None, 204)
