"""Delivery, decided: what registries tell of in, the text of manifests out; no I/O, no clock."""
