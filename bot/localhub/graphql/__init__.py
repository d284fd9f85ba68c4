"""The part of GitHub's GraphQL that Signalbox uses, over `schema.graphql` (see tools/cut_schema.py)."""
