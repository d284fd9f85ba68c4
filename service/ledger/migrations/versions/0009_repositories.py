"""Repositories."""

import sqlalchemy as sa
from alembic import op

from service.ledger.columns import MYSQL, NAME, NUMBER, Moment

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "ledger_repository",
        sa.Column("id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("name", NAME, nullable=False),
        sa.Column("private", sa.Boolean(), nullable=False),
        sa.Column("installation", NUMBER, nullable=False),
        sa.Column("default_branch", NAME, nullable=False),
        sa.Column("rulebook", NAME, nullable=False),
        sa.Column("preset", NAME, nullable=True),
        sa.Column("main", NAME, nullable=True),
        sa.Column("develop", NAME, nullable=True),
        sa.Column("levels", sa.JSON(), nullable=False),
        sa.Column("environments", sa.JSON(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("removed_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_ledger_repository"),
        **MYSQL,
    )
    op.create_index("ix_ledger_repository_name", "ledger_repository", ["name"])


def downgrade() -> None:
    """Drop it."""
    op.drop_table("ledger_repository")
