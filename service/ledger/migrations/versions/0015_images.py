"""Images that registries told of."""

import sqlalchemy as sa
from alembic import op

from service.ledger.columns import MYSQL, NAME, NUMBER, Moment

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "ledger_image",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("name", NAME, nullable=False),
        sa.Column("tag", NAME, nullable=True),
        sa.Column("digest", NAME, nullable=True),
        sa.Column("commit", NAME, nullable=True),
        sa.Column("pushed_at", Moment(), nullable=True),
        sa.Column("seen_at", Moment(), nullable=False),
        sa.Column("home", NUMBER, nullable=True),
        sa.Column("version", NAME, nullable=True),
        sa.Column("sources", sa.JSON(none_as_null=True), nullable=True),
        sa.PrimaryKeyConstraint("key", name="pk_ledger_image"),
        **MYSQL,
    )
    op.create_index("ix_ledger_image_home_pushed_at", "ledger_image", ["home", "pushed_at"])
    op.create_index("ix_ledger_image_seen_at", "ledger_image", ["seen_at"])


def downgrade() -> None:
    """Drop it."""
    op.drop_table("ledger_image")
