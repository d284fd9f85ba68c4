"""Every error of Signalbox, by what the caller does next.

SignalboxError
├── Retry            ask again: the network, a 5xx, a refusal that ends by itself
│   ├── NotBefore    ask again, but not before a time that GitHub named
│   └── Later        ask again at a time that we chose, or sooner when something happens
├── GiveUp           asking again cannot help: the installation, the repository or the object is gone
└── TellUser         a person must change something: a setting, an argument, a rulebook
"""

from datetime import datetime

from bot.message import Message


class SignalboxError(Exception):
    """The root: whatever Signalbox itself can say went wrong."""


class Retry(SignalboxError):
    """The same question may be answered later; the engine asks it again."""


class NotBefore(Retry):
    """The same question may be answered at `moment` (aware, UTC), and asking sooner does harm."""

    def __init__(self, reason: str, moment: datetime) -> None:
        super().__init__(reason)
        self.moment = moment


class Later(Retry):
    """The same question can wait until `moment` (aware, UTC): it was asked by nobody who waits for it."""

    def __init__(self, reason: str, moment: datetime) -> None:
        super().__init__(reason)
        self.moment = moment


class GiveUp(SignalboxError):
    """No later attempt can answer this question; the engine records it and lets it go."""


class TellUser(SignalboxError):
    """Only a person can mend this; each message says what was expected, what was found, what to do."""

    def __init__(self, *messages: Message) -> None:
        super().__init__("; ".join(message.id.format(**message.values) for message in messages))
        self.messages = messages
