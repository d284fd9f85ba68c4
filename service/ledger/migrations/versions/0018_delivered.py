"""What was said of a deployment last, and into which GitOps repository a repository's are written."""

import sqlalchemy as sa
from alembic import op

from service.ledger.columns import NAME, PROSE

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns."""
    op.add_column("ledger_deployment", sa.Column("note", PROSE, nullable=True))
    op.add_column("ledger_repository", sa.Column("gitops", NAME, nullable=True))


def downgrade() -> None:
    """Drop them."""
    op.drop_column("ledger_repository", "gitops")
    op.drop_column("ledger_deployment", "note")
