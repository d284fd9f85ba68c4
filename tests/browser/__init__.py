"""The control room in a real browser; a package, so that its demo ends with the last of these tests."""
