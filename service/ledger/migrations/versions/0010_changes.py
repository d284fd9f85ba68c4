"""How often what is known of a repository has changed."""

import sqlalchemy as sa
from alembic import op

from service.ledger.columns import MYSQL, NUMBER

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "ledger_change",
        sa.Column("repository_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("changes", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("repository_id", name="pk_ledger_change"),
        **MYSQL,
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("ledger_change")
