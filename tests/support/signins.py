"""Signing in at a hub, without a browser."""

from bot.localhub import Hub
from bot.localhub.model import Account
from bot.localhub.signins import Asking, Exchange


def token_of(hub: Hub, person: Account) -> str:
    """The token that somebody's sign-in brings."""
    code = hub.signins.grant(person, Asking(""))
    app = hub.world.app
    return hub.signins.exchange(Exchange(app.client_id, app.client_secret, code, "", ""))
