"""Which image a shipment brings, by its repository: each image of an environment has a past of its own."""

import json

import sqlalchemy as sa
from alembic import op

from service.ledger.columns import NAME
from service.ledger.images import split

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_INDEX = "ix_ledger_shipment_repository_id_environment_image_name_at"
_COLUMNS = ["repository_id", "environment", "image_name", "at"]


def upgrade() -> None:
    """Add the column, and fill it from what is shipped."""
    op.add_column(
        "ledger_shipment", sa.Column("image_name", NAME, nullable=False, server_default=sa.text("''"))
    )
    table = sa.table(
        "ledger_shipment",
        *(sa.column(name) for name in ("repository_id", "deployment", "content", "image_name")),
    )
    connection = op.get_bind()
    for row in connection.execute(sa.select(table)).all():
        content = json.loads(row.content) if isinstance(row.content, str) else row.content
        here = (table.c.repository_id == row.repository_id, table.c.deployment == row.deployment)
        named = {"image_name": split(content["image"])[0]}
        connection.execute(sa.update(table).where(*here).values(named))
    op.create_index(_INDEX, "ledger_shipment", _COLUMNS)


def downgrade() -> None:
    """Drop it."""
    op.drop_index(_INDEX, "ledger_shipment")
    op.drop_column("ledger_shipment", "image_name")
