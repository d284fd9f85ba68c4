"""Environments and what was deployed to them."""

import sqlalchemy as sa
from alembic import op

from service.ledger.columns import MYSQL, NAME, NUMBER, PROSE, Moment

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "ledger_environment",
        sa.Column("repository_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("name", NAME, nullable=False),
        sa.Column("repository", NAME, nullable=False),
        sa.Column("hold_by", NAME, nullable=True),
        sa.Column("hold_why", PROSE, nullable=True),
        sa.Column("hold_since", Moment(), nullable=True),
        sa.Column("freeze_by", NAME, nullable=True),
        sa.Column("freeze_why", PROSE, nullable=True),
        sa.Column("freeze_since", Moment(), nullable=True),
        sa.Column("freeze_until", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("repository_id", "name", name="pk_ledger_environment"),
        **MYSQL,
    )
    op.create_table(
        "ledger_deployment",
        sa.Column("repository_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("repository", NAME, nullable=False),
        sa.Column("environment", NAME, nullable=False),
        sa.Column("action", NAME, nullable=False),
        sa.Column("ref", NAME, nullable=False),
        sa.Column("commit", NAME, nullable=False),
        sa.Column("image", PROSE, nullable=True),
        sa.Column("by", NAME, nullable=False),
        sa.Column("why", PROSE, nullable=False),
        sa.Column("state", NAME, nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("finished_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("repository_id", "id", name="pk_ledger_deployment"),
        **MYSQL,
    )
    op.create_index(
        "ix_ledger_deployment_repository_id_environment_created_at",
        "ledger_deployment",
        ["repository_id", "environment", "created_at"],
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("ledger_deployment")
    op.drop_table("ledger_environment")
