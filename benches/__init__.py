"""The bars that Signalbox is held to, measured on this machine: `python -m benches`, or `make bench`."""
