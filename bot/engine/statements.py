"""The statements on the way from a webhook to the disk, in each database's words.

Every acknowledgement waits for them, so they go to the driver as they are, with a whole batch as one JSON
parameter: through SQLAlchemy's constructs a batch of eight cost 1.7 times the processor, in Python, while the
event loop waited for its turn.
"""

from dataclasses import dataclass
from typing import Final

# An earlier asking stands and brings the answer forward; any asking forgives what failed before.
_WAKE: Final = """
ON CONFLICT (key) DO UPDATE SET
    subject = {subject},
    due = CASE WHEN question.due < excluded.due THEN question.due ELSE excluded.due END,
    attempt = 0, error = NULL, parked = NULL
"""


@dataclass(frozen=True, slots=True)
class Statements:
    """All take two parameters: a time, and a JSON list, in whose order the rows are written.

    `remember` takes GUIDs and answers those that are new; `ask` and `ask_later` take pairs of key and
    subject.
    """

    remember: str
    ask: str
    ask_later: str


_NEWEST: Final = _WAKE.format(subject="excluded.subject")
_SOONEST: Final = _WAKE.format(
    subject="CASE WHEN question.due IS NULL THEN excluded.subject ELSE question.subject END"
)

_SQLITE_PAIRS: Final = (
    "INSERT INTO question (due, key, subject) "
    "SELECT ?, json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(?) WHERE true"
)
SQLITE: Final = Statements(
    remember="INSERT INTO delivery (guid, at) SELECT value, ? FROM json_each(?) WHERE true "
    "ON CONFLICT DO NOTHING RETURNING guid",
    ask=_SQLITE_PAIRS + _NEWEST,
    ask_later=_SQLITE_PAIRS + _SOONEST,
)

_POSTGRESQL_PAIRS: Final = (
    "INSERT INTO question (due, key, subject) "
    "SELECT %s, pair->>0, pair->>1 FROM jsonb_array_elements(%s) AS pair"
)
POSTGRESQL: Final = Statements(
    remember="INSERT INTO delivery (guid, at) SELECT guid, %s FROM jsonb_array_elements_text(%s) AS guid "
    "ON CONFLICT DO NOTHING RETURNING guid",
    ask=_POSTGRESQL_PAIRS + _NEWEST,
    ask_later=_POSTGRESQL_PAIRS + _SOONEST,
)
