"""Outstanding levels over time."""

import sqlalchemy as sa
from alembic import op

from service.ledger.columns import MYSQL, NAME, NUMBER, SERIAL, Moment

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "ledger_outstanding_level",
        sa.Column("id", SERIAL, autoincrement=True, nullable=False),
        sa.Column("repository_id", NUMBER, nullable=False),
        sa.Column("repository", NAME, nullable=False),
        sa.Column("pull", NUMBER, nullable=False),
        sa.Column("item", NAME, nullable=False),
        sa.Column("turn", NUMBER, nullable=False),
        sa.Column("level", NAME, nullable=False),
        sa.Column("author", NAME, nullable=True),
        sa.Column("raised_at", Moment(), nullable=False),
        sa.Column("cleared_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_ledger_outstanding_level"),
        sa.UniqueConstraint(
            "repository_id",
            "pull",
            "item",
            "turn",
            name="uq_ledger_outstanding_level_repository_id_pull_item_turn",
        ),
        **MYSQL,
    )
    op.create_index("ix_ledger_outstanding_level_cleared_at", "ledger_outstanding_level", ["cleared_at"])


def downgrade() -> None:
    """Drop it."""
    op.drop_table("ledger_outstanding_level")
