"""Deliveries, without their payloads."""

import sqlalchemy as sa
from alembic import op

from service.ledger.columns import MYSQL, NAME, NUMBER, Moment

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "ledger_delivery",
        sa.Column("guid", NAME, nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("event", NAME, nullable=False),
        sa.Column("action", NAME, nullable=True),
        sa.Column("repository_id", NUMBER, nullable=True),
        sa.Column("repository", NAME, nullable=True),
        sa.Column("sender", NAME, nullable=True),
        sa.Column("outcome", NAME, nullable=False),
        sa.PrimaryKeyConstraint("guid", name="pk_ledger_delivery"),
        **MYSQL,
    )
    op.create_index("ix_ledger_delivery_at", "ledger_delivery", ["at"])


def downgrade() -> None:
    """Drop it."""
    op.drop_table("ledger_delivery")
