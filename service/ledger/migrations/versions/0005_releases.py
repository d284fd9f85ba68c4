"""Releases and their steps."""

import sqlalchemy as sa
from alembic import op

from service.ledger.columns import MYSQL, NAME, NUMBER, SERIAL, Moment

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "ledger_release",
        sa.Column("id", SERIAL, autoincrement=True, nullable=False),
        sa.Column("repository_id", NUMBER, nullable=False),
        sa.Column("repository", NAME, nullable=False),
        sa.Column("version", NAME, nullable=False),
        sa.Column("tag", NAME, nullable=False),
        sa.Column("commit", NAME, nullable=False),
        sa.Column("pull", NUMBER, nullable=True),
        sa.Column("begun_at", Moment(), nullable=False),
        sa.Column("finished_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_ledger_release"),
        sa.UniqueConstraint("repository_id", "version", name="uq_ledger_release_repository_id_version"),
        **MYSQL,
    )
    op.create_table(
        "ledger_release_step",
        sa.Column("release_id", SERIAL, autoincrement=False, nullable=False),
        sa.Column("name", NAME, nullable=False),
        sa.Column("state", NAME, nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("begun_at", Moment(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("release_id", "name", name="pk_ledger_release_step"),
        sa.ForeignKeyConstraint(
            ["release_id"],
            ["ledger_release.id"],
            name="fk_ledger_release_step_release_id",
            ondelete="CASCADE",
        ),
        **MYSQL,
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("ledger_release_step")
    op.drop_table("ledger_release")
