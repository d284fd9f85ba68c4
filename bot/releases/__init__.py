"""Releases, planned: what was read in, what is to be done out; no I/O, no clock."""
