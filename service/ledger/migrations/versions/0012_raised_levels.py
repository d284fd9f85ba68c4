"""Levels by when they were raised."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index."""
    op.create_index("ix_ledger_outstanding_level_raised_at", "ledger_outstanding_level", ["raised_at"])


def downgrade() -> None:
    """Drop it."""
    op.drop_index("ix_ledger_outstanding_level_raised_at", "ledger_outstanding_level")
