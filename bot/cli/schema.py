"""`signalbox schema`: the JSON Schema of the rulebook."""

from argparse import Namespace

from bot.cli.rulebook import print_schema


def run(_: Namespace) -> int:
    """Print it."""
    print(print_schema())
    return 0
