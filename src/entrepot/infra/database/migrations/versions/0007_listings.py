# SPDX-License-Identifier: Apache-2.0
"""What sorts tags by version and time and artifacts by their push, and who deleted what is in the bin."""

import sqlalchemy as sa
from alembic import op

from entrepot.infra.database.metadata import bytewise
from entrepot.oci.version_order import version_key

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

VISITS = ("tags",)
INDEXES = ("manifests", "manifests", "tags", "tags")

BATCH = 10_000

_tags = sa.table("tags", sa.column("repo_id"), sa.column("name"), sa.column("version_key"))
_NEXT = (
    sa.select(_tags.c.repo_id, _tags.c.name)
    .where(sa.tuple_(_tags.c.repo_id, _tags.c.name) > sa.tuple_(sa.bindparam("repo_id"), sa.bindparam("after")))
    .order_by(_tags.c.repo_id, _tags.c.name)
    .limit(BATCH)
)
_SET = (
    sa.update(_tags)
    .where(_tags.c.repo_id == sa.bindparam("in_repo"), _tags.c.name == sa.bindparam("tag"))
    .values(version_key=sa.bindparam("key"))
)


def upgrade() -> None:
    """Bring the schema forward."""
    op.add_column("manifests", sa.Column("deleted_by", bytewise(320), nullable=True))
    no_version = sa.text("''")
    op.add_column("tags", sa.Column("version_key", bytewise(255), nullable=False, server_default=no_version))
    _fill_in_versions(op.get_bind())
    _index("manifests", "ix_manifests_pushed", ["repo_id", "pushed_at", "digest"], "deleted_at IS NULL")
    _index("manifests", "ix_manifests_bin", ["repo_id", "purge_after", "digest"], "deleted_at IS NOT NULL")
    _index("tags", "ix_tags_updated", ["repo_id", "updated_at", "name"], "digest IS NOT NULL")
    _index("tags", "ix_tags_version", ["repo_id", "version_key", "name"], "digest IS NOT NULL")


def _fill_in_versions(connection: sa.Connection) -> None:
    """Give every tag that is a version its key, some at a time, so that memory does not grow with the registry."""
    place = {"repo_id": 0, "after": ""}
    while rows := connection.execute(_NEXT, place).all():
        place = {"repo_id": rows[-1].repo_id, "after": rows[-1].name}
        keys = [{"in_repo": repo_id, "tag": name, "key": version_key(name)} for repo_id, name in rows]
        if versions := [each for each in keys if each["key"]]:
            connection.execute(_SET, versions)


def _index(table: str, name: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, table, columns, unique=False, sqlite_where=where, postgresql_where=where)
