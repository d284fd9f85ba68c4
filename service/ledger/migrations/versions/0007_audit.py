"""The audit."""

import sqlalchemy as sa
from alembic import op

from service.ledger.columns import MYSQL, NAME, NUMBER, PROSE, SERIAL, Moment

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "ledger_audit",
        sa.Column("id", SERIAL, autoincrement=True, nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("actor", NAME, nullable=False),
        sa.Column("action", NAME, nullable=False),
        sa.Column("subject", NAME, nullable=False),
        sa.Column("why", PROSE, nullable=False),
        sa.Column("origin", NAME, nullable=False),
        sa.Column("repository_id", NUMBER, nullable=True),
        sa.Column("repository", NAME, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_ledger_audit"),
        **MYSQL,
    )
    op.create_index("ix_ledger_audit_repository_id_id", "ledger_audit", ["repository_id", "id"])


def downgrade() -> None:
    """Drop it."""
    op.drop_table("ledger_audit")
