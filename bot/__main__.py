"""`python -m bot` is `signalbox`."""

import sys

from bot.cli import main

sys.exit(main())
