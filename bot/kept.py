"""What the data folder keeps besides databases: the App that `/setup` registered, and the key of sessions."""

from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, ValidationError

from bot.errors import TellUser
from bot.message import say

FILE: Final = "app.json"
SESSION_KEY: Final = "session.key"


class _App(BaseModel):
    model_config = ConfigDict(hide_input_in_errors=True)

    id: int
    client_id: str
    client_secret: str
    webhook_secret: str
    pem: str


def app_in(folder: Path) -> dict[str, str]:
    """The settings of the App that a folder keeps, by their names; none where it keeps no App.

    Raises `TellUser` where its file cannot be read or is no App.
    """
    file = folder / FILE
    try:
        app = _App.model_validate_json(file.read_bytes())
    except FileNotFoundError:
        return {}
    except OSError as error:
        reason = str(error.strerror)
        raise TellUser(say("{path} cannot be read: {reason}", path=str(file), reason=reason)) from None
    except ValidationError as error:
        wrong = tuple(dict.fromkeys(str(part) for each in error.errors() for part in each["loc"]))
        raise TellUser(
            say(
                "{path}: expected what GitHub answered when the App was registered; wrong: {wrong}. Mend it, "
                "or take it away and set the App's settings.",
                path=str(file), wrong=wrong or "JSON",
            )
        ) from None  # fmt: skip
    return {
        "GITHUB_APP_ID": str(app.id),
        "GITHUB_CLIENT_ID": app.client_id,
        "GITHUB_CLIENT_SECRET": app.client_secret,
        "GITHUB_WEBHOOK_SECRET": app.webhook_secret,
        "GITHUB_PRIVATE_KEY": app.pem,
    }
