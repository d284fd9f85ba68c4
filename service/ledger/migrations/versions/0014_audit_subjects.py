"""Audit entries by what they are about: whether an act was recorded is asked again and again."""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index."""
    op.create_index("ix_ledger_audit_repository_id_subject", "ledger_audit", ["repository_id", "subject"])


def downgrade() -> None:
    """Drop it."""
    op.drop_index("ix_ledger_audit_repository_id_subject", "ledger_audit")
