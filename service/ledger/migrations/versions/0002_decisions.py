"""Decisions, with their facts and findings."""

import sqlalchemy as sa
from alembic import op

from service.ledger.columns import MYSQL, NAME, NUMBER, SERIAL, Moment

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "ledger_decision",
        sa.Column("id", SERIAL, autoincrement=True, nullable=False),
        sa.Column("repository_id", NUMBER, nullable=False),
        sa.Column("repository", NAME, nullable=False),
        sa.Column("pull", NUMBER, nullable=False),
        sa.Column("previous", NUMBER, nullable=False),
        sa.Column("head", NAME, nullable=False),
        sa.Column("digest", NAME, nullable=False),
        sa.Column("conclusions", sa.JSON(), nullable=False),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_ledger_decision"),
        sa.UniqueConstraint(
            "repository_id", "pull", "previous", name="uq_ledger_decision_repository_id_pull_previous"
        ),
        **MYSQL,
    )
    op.create_index("ix_ledger_decision_at", "ledger_decision", ["at"])


def downgrade() -> None:
    """Drop it."""
    op.drop_table("ledger_decision")
