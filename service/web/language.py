"""The words of the pages in the language of who reads them, and moments as they say them.

English needs no catalogue: the id of a message is the English sentence. `tools/messages.py` keeps the
others in step with the pages.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from importlib import resources
from typing import Final

from babel.core import negotiate_locale
from babel.dates import format_date, format_datetime, format_skeleton, format_timedelta
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent
from babel.units import format_unit

LANGUAGES: Final = {"en": "English", "ko": "한국어"}


@dataclass(frozen=True, slots=True)
class Words:
    """What the pages say, in one language (a key of `LANGUAGES`)."""

    language: str

    def gettext(self, message: str) -> str:
        """The sentence for a message; its fields are written `%(name)s`."""
        found = _catalogue(self.language).get(message)
        return str(found.string) if found and found.string else message

    def ngettext(self, one: str, many: str, count: int) -> str:
        """The sentence for so many; Korean has one form for every number."""
        found = _catalogue(self.language).get(one)
        if found and found.string:
            forms = found.string if isinstance(found.string, tuple) else (found.string,)
            return str(forms[min(len(forms) - 1, 0 if count == 1 else 1)])
        return one if count == 1 else many

    def moment(self, at: datetime) -> str:
        """A moment in full, as UTC: there is one clock on the wall of a control room."""
        return f"{format_datetime(at.astimezone(UTC), 'medium', locale=self.language)} UTC"

    def full_day(self, day: date) -> str:
        """A day ("Jan 5, 2026")."""
        return format_date(day, "medium", locale=self.language)

    def short_day(self, day: date) -> str:
        """A day of a year that is known ("Jan 5")."""
        return format_skeleton("MMMd", day, locale=self.language)

    def day(self, at: datetime) -> str:
        """The day of a moment, without its year ("Nov 3")."""
        return self.short_day(at.astimezone(UTC).date())

    def number(self, number: float) -> str:
        """A number with at most one decimal."""
        return format_decimal(number, "#,##0.#", locale=self.language)

    def amount(self, number: float, unit: str) -> str:
        """So many of a unit of time: "minute", "hour" or "day" ("3 days")."""
        return format_unit(number, f"duration-{unit}", "short", "#,##0.#", self.language)

    def percent(self, share: float) -> str:
        """A share of one ("12 %", "12%")."""
        return format_percent(share, locale=self.language)

    def ago(self, at: datetime, now: datetime) -> str:
        """How long ago a moment was ("3 hours ago")."""
        return format_timedelta(at - now, add_direction=True, threshold=1.2, locale=self.language)

    def span(self, seconds: float) -> str:
        """A length of time ("3 hours")."""
        return format_timedelta(round(seconds), threshold=1.2, locale=self.language)


def later(message: str) -> str:
    """A message that `Words.gettext` says when its reader is known; `tools/messages.py` knows it as `_`."""
    return message


def chosen(asked: str | None, accepted: str) -> str:
    """The language of a reader: what they `asked` for, else the best of an `Accept-Language` header."""
    if asked in LANGUAGES:
        return asked
    ranked = sorted(accepted.split(","), key=_weight, reverse=True)
    wanted = [part.partition(";")[0].strip() for part in ranked]
    return negotiate_locale([part for part in wanted if part], LANGUAGES, sep="-") or "en"


def _weight(part: str) -> float:
    _, _, weight = part.partition("q=")
    try:
        return float(weight or "1")
    except ValueError:
        return 0.0


@cache
def _catalogue(language: str) -> Catalog:
    path = resources.files("service.web") / "locale" / language / "LC_MESSAGES" / "signalbox.po"
    if not path.is_file():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language)
