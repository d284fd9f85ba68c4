"""The ledger: the system of record."""
