"""The rules: frozen facts in, frozen verdicts out; no I/O, no clock, no environment."""

from typing import Final

# Where a team writes its rulebook.
RULEBOOK_PATH: Final = ".github/signalbox.yml"
