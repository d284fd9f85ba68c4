"""`signalbox serve`: one process, until it is told to stop."""

import logging
from argparse import Namespace

from aiohttp import web

from bot import logs, settings
from bot.compose import FAILURE, REQUEST_GRACE_SECONDS, application
from bot.errors import TellUser
from bot.message import say
from bot.settings import Role

logger = logging.getLogger(__name__)


def run(arguments: Namespace) -> int:
    """Serve a role until SIGTERM or SIGINT, then drain. Raises `TellUser`."""
    found = settings.read()
    logs.configure(found.log_level, found.log_format)
    app = application(found, Role(arguments.role))
    try:
        # aiohttp stops listening at the first signal, finishes what is open, then runs the clean-ups.
        web.run_app(
            app,
            host=found.host,
            port=found.port,
            shutdown_timeout=REQUEST_GRACE_SECONDS,
            access_log=None,
            print=lambda line: logger.info("%s", line.splitlines()[0].strip("= ")),
        )
    except OSError as error:
        address, reason = f"{found.host}:{found.port}", str(error.strerror or error)
        raise TellUser(
            say("cannot listen on {address}: {reason}; set HOST and PORT", address=address, reason=reason)
        ) from error
    if FAILURE in app and (failure := app[FAILURE].error):
        raise failure
    return 0
