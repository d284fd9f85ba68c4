"""The bars that Signalbox is held to, measured on this machine: `python -m benches`, or `make bench`."""

import sys
from pathlib import Path

# The throwaway servers of the tests serve the benches too.
sys.path.append(str(Path(__file__).parents[1] / "tests"))
