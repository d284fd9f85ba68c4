"""GitOps repositories in lower case: two rulebooks may spell one in two ways, and GitHub takes both."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Spell what was kept so far as what is kept from now on."""
    target: sa.ColumnClause[str] = sa.column("target")
    table = sa.table("ledger_shipment", target)
    op.execute(sa.update(table).where(target.is_not(None)).values(target=sa.func.lower(target)))


def downgrade() -> None:
    """Leave it: GitHub takes any spelling."""
