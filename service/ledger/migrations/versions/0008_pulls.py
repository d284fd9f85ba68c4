"""Pull requests."""

import sqlalchemy as sa
from alembic import op

from service.ledger.columns import MYSQL, NAME, NUMBER, PROSE, Moment

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "ledger_pull",
        sa.Column("repository_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("number", NUMBER, autoincrement=False, nullable=False),
        sa.Column("repository", NAME, nullable=False),
        sa.Column("title", PROSE, nullable=False),
        sa.Column("url", PROSE, nullable=False),
        sa.Column("author", NAME, nullable=False),
        sa.Column("head", NAME, nullable=False),
        sa.Column("head_commit", NAME, nullable=False),
        sa.Column("kind", NAME, nullable=True),
        sa.Column("base", NAME, nullable=False),
        sa.Column("base_kind", NAME, nullable=True),
        sa.Column("role", NAME, nullable=True),
        sa.Column("draft", sa.Boolean(), nullable=False),
        sa.Column("state", NAME, nullable=False),
        sa.Column("conclusions", sa.JSON(), nullable=False),
        sa.Column("conclusion", NAME, nullable=False),
        sa.Column("levels", sa.JSON(), nullable=False),
        sa.Column("level", NAME, nullable=True),
        sa.Column("opened_at", Moment(), nullable=False),
        sa.Column("approved_at", Moment(), nullable=True),
        sa.Column("merged_at", Moment(), nullable=True),
        sa.Column("closed_at", Moment(), nullable=True),
        sa.Column("merge_commit", NAME, nullable=True),
        sa.PrimaryKeyConstraint("repository_id", "number", name="pk_ledger_pull"),
        **MYSQL,
    )
    op.create_index("ix_ledger_pull_repository_id_state", "ledger_pull", ["repository_id", "state"])
    op.create_index("ix_ledger_pull_approved_at", "ledger_pull", ["approved_at"])
    op.create_index("ix_ledger_pull_merged_at", "ledger_pull", ["merged_at"])
    op.create_index("ix_ledger_pull_closed_at", "ledger_pull", ["closed_at"])


def downgrade() -> None:
    """Drop it."""
    op.drop_table("ledger_pull")
