"""Keep the overrides of a head where they are shown: in the check run, which nobody but this App can write.

A check run belongs to one commit, so a push leaves its overrides behind; each names its base, so a changed
base voids it too. They are written as a comment of HTML that is the last line of the summary: whatever else
stands in a summary cannot begin a line of its own.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Final

from bot.rules.facts import Override

_BEGIN: Final = "<!-- signalbox overrides "
_END: Final = " -->"
# In JSON these stand only in texts, where they could end the comment or call somebody.
_ESCAPES: Final = str.maketrans({each: f"\\u{ord(each):04x}" for each in "<>-&@"})


def remembered(overrides: Iterable[Override]) -> str:
    """Return what is added to a summary; nothing where there is no override."""
    kept = [{**asdict(override), "at": override.at.isoformat()} for override in overrides]
    return f"\n\n{_BEGIN}{json.dumps(kept).translate(_ESCAPES)}{_END}" if kept else ""


def recalled(summary: str) -> tuple[Override, ...]:
    """Return the overrides in the summary of a check run of this App.

    What an older version wrote in another shape is no override.
    """
    last = summary.rstrip().rpartition("\n")[2]
    if not (last.startswith(_BEGIN) and last.endswith(_END)):
        return ()
    try:
        kept = json.loads(last.removeprefix(_BEGIN).removesuffix(_END))
        return tuple(Override(**{**each, "at": datetime.fromisoformat(each["at"])}) for each in kept)
    except (ValueError, TypeError, KeyError):
        return ()
