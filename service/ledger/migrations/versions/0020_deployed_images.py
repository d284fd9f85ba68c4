"""Which image a deployment brings, by its repository: each image of an environment runs by itself."""

import sqlalchemy as sa
from alembic import op

from service.ledger.columns import NAME
from service.ledger.images import split

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, "" for no image, and fill it from what is deployed."""
    op.add_column(
        "ledger_deployment", sa.Column("image_name", NAME, nullable=False, server_default=sa.text("''"))
    )
    table = sa.table(
        "ledger_deployment", *(sa.column(name) for name in ("repository_id", "id", "image", "image_name"))
    )
    connection = op.get_bind()
    for row in connection.execute(sa.select(table).where(table.c.image.is_not(None))).all():
        here = (table.c.repository_id == row.repository_id, table.c.id == row.id)
        connection.execute(sa.update(table).where(*here).values(image_name=split(row.image)[0]))


def downgrade() -> None:
    """Drop it."""
    op.drop_column("ledger_deployment", "image_name")
