"""Shipments: what Signalbox deploys itself."""

import sqlalchemy as sa
from alembic import op

from service.ledger.columns import MYSQL, NAME, NUMBER, Moment

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "ledger_shipment",
        sa.Column("repository_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("deployment", NUMBER, autoincrement=False, nullable=False),
        sa.Column("installation", NUMBER, nullable=False),
        sa.Column("repository", NAME, nullable=False),
        sa.Column("environment", NAME, nullable=False),
        sa.Column("target", NAME, nullable=True),
        sa.Column("application", NAME, nullable=True),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("state", NAME, nullable=False),
        sa.Column("revision", NAME, nullable=True),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("written_at", Moment(), nullable=True),
        sa.Column("healthy_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("repository_id", "deployment", name="pk_ledger_shipment"),
        **MYSQL,
    )
    for columns in (["target", "state"], ["application", "state"], ["repository_id", "environment", "at"]):
        op.create_index(f"ix_ledger_shipment_{'_'.join(columns)}", "ledger_shipment", columns)


def downgrade() -> None:
    """Drop it."""
    op.drop_table("ledger_shipment")
