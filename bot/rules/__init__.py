"""The rules: frozen facts in, frozen verdicts out; no I/O, no clock, no environment."""
