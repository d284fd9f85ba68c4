"""The notes of a release; releases by time."""

import sqlalchemy as sa
from alembic import op

from service.ledger.columns import PROSE

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column and the index."""
    op.add_column("ledger_release", sa.Column("notes", PROSE, nullable=True))
    op.create_index("ix_ledger_release_begun_at", "ledger_release", ["begun_at"])


def downgrade() -> None:
    """Drop them."""
    op.drop_index("ix_ledger_release_begun_at", "ledger_release")
    op.drop_column("ledger_release", "notes")
