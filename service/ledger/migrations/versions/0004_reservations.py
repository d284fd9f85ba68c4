"""Reservations of versions."""

import sqlalchemy as sa
from alembic import op

from service.ledger.columns import MYSQL, NAME, NUMBER, Moment

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "ledger_reservation",
        sa.Column("repository_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("version", NAME, nullable=False),
        sa.Column("repository", NAME, nullable=False),
        sa.Column("pull", NUMBER, nullable=False),
        sa.Column("reserved_at", Moment(), nullable=False),
        sa.Column("confirmed_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("repository_id", "version", name="pk_ledger_reservation"),
        **MYSQL,
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("ledger_reservation")
