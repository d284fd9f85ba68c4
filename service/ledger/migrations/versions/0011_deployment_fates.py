"""Where a deployment is seen, and when it first succeeded; deployments by time."""

import sqlalchemy as sa
from alembic import op

from service.ledger.columns import PROSE, Moment

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns and the index."""
    op.add_column("ledger_deployment", sa.Column("url", PROSE, nullable=True))
    op.add_column("ledger_deployment", sa.Column("succeeded_at", Moment(), nullable=True))
    op.create_index("ix_ledger_deployment_created_at", "ledger_deployment", ["created_at"])


def downgrade() -> None:
    """Drop them."""
    op.drop_index("ix_ledger_deployment_created_at", "ledger_deployment")
    op.drop_column("ledger_deployment", "succeeded_at")
    op.drop_column("ledger_deployment", "url")
