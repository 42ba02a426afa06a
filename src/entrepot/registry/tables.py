# SPDX-License-Identifier: Apache-2.0
"""The tables of the core. Foreign keys are the guard against losing live content.

Every moment is in milliseconds since the epoch. A `link` or `child` that is
NULL waits for content that has not arrived; once set, its foreign key keeps
that content from being removed. See docs/explanation/data-model.md.
"""

from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy import CheckConstraint
from sqlalchemy import Column
from sqlalchemy import ForeignKey
from sqlalchemy import ForeignKeyConstraint
from sqlalchemy import Index
from sqlalchemy import Integer
from sqlalchemy import LargeBinary
from sqlalchemy import Table
from sqlalchemy import Text
from sqlalchemy import TextClause
from sqlalchemy import text

from entrepot.infra.database.metadata import RowId
from entrepot.infra.database.metadata import bytewise
from entrepot.infra.database.metadata import metadata


def _repo_id() -> Column[int]:
    return Column("repo_id", BigInteger, ForeignKey("repositories.id", ondelete="RESTRICT"), primary_key=True)


def _index_of(some: TextClause, name: str, *columns: Column[Any]) -> None:
    """Declare an index of some of the rows."""
    Index(name, *columns, sqlite_where=some, postgresql_where=some)


stores = Table(
    "stores",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("url", Text, nullable=False, unique=True),
    Column("key_ring", Text),
)

blobs = Table(
    "blobs",
    metadata,
    Column("digest", bytewise(160), primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("first_seen", BigInteger, nullable=False),
    comment="Content that exists, wherever its bytes are",
)

_IS_SEALED = text("key_id IS NOT NULL")

objects = Table(
    "objects",
    metadata,
    Column("object_key", bytewise(255), primary_key=True),
    Column("digest", bytewise(160), ForeignKey("blobs.digest", ondelete="RESTRICT"), nullable=False),
    Column("store_id", BigInteger, ForeignKey("stores.id", ondelete="RESTRICT"), nullable=False),
    Column("state", bytewise(16), nullable=False),
    Column("stored_size", BigInteger, nullable=False),
    Column("key_id", Text),
    Column("wrapped_key", LargeBinary),
    Column("storage_class", Text),
    Column("created_at", BigInteger, nullable=False),
    CheckConstraint("state IN ('live', 'missing')", name="state"),
    Index("ix_objects_digest", "digest"),
    Index("ix_objects_key_id", "key_id", "object_key", sqlite_where=_IS_SEALED, postgresql_where=_IS_SEALED),
    comment="Where the bytes of a blob are",
)
Index(
    "uq_objects_live",
    objects.c.digest,
    objects.c.store_id,
    unique=True,
    sqlite_where=text("state = 'live'"),
    postgresql_where=text("state = 'live'"),
)

_is_missing = text("state = 'missing'")
_index_of(_is_missing, "ix_objects_missing", objects.c.object_key)

repositories = Table(
    "repositories",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("name", bytewise(255), nullable=False, unique=True),
    Column("namespace", bytewise(255), nullable=False, index=True),
    Column("store_id", BigInteger, ForeignKey("stores.id", ondelete="RESTRICT"), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("visible_at", BigInteger),
    comment="Created by the first upload, visible from its first manifest",
)

repo_blobs = Table(
    "repo_blobs",
    metadata,
    _repo_id(),
    Column("digest", bytewise(160), ForeignKey("blobs.digest", ondelete="RESTRICT"), primary_key=True),
    Column("linked_at", BigInteger, nullable=False),
    Column("lease_until", BigInteger, nullable=False, index=True),
    Column("leased_by", bytewise(320), nullable=False),
    Column("hidden_at", BigInteger),
    Index("ix_repo_blobs_digest", "digest"),
    comment="Which blobs a repository holds; the lease protects one that no manifest uses yet",
)

manifests = Table(
    "manifests",
    metadata,
    _repo_id(),
    Column("digest", bytewise(160), primary_key=True),
    Column("media_type", bytewise(255), nullable=False),
    Column("artifact_type", bytewise(255)),
    Column("payload", LargeBinary, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("subject", bytewise(160)),
    Column("referrer_descriptor", Text),
    Column("pushed_at", BigInteger, nullable=False),
    Column("pushed_by", bytewise(320), nullable=False),
    Column("deleted_at", BigInteger),
    Column("deletion_id", bytewise(26)),
    Column("purge_after", BigInteger),
    Column("deleted_by", bytewise(320)),
    Column("restored_at", BigInteger),
    Index("ix_manifests_subject", "repo_id", "subject", "digest"),
    Index("ix_manifests_deletion_id", "deletion_id"),
    comment="Byte-exact manifests; one with deleted_at is in the bin until purge_after",
)

_is_live, _is_in_the_bin = text("deleted_at IS NULL"), text("deleted_at IS NOT NULL")
_index_of(_is_live, "ix_manifests_pushed", manifests.c.repo_id, manifests.c.pushed_at, manifests.c.digest)
_index_of(_is_in_the_bin, "ix_manifests_bin", manifests.c.repo_id, manifests.c.purge_after, manifests.c.digest)
_index_of(_is_in_the_bin, "ix_manifests_purge", manifests.c.purge_after, manifests.c.repo_id, manifests.c.digest)
_index_of(_is_live, "ix_manifests_digest", manifests.c.digest, manifests.c.repo_id)

manifest_blobs = Table(
    "manifest_blobs",
    metadata,
    Column("repo_id", BigInteger, primary_key=True),
    Column("manifest", bytewise(160), primary_key=True),
    Column("digest", bytewise(160), primary_key=True),
    Column("link", bytewise(160)),
    Column("large_config", bytewise(160)),
    ForeignKeyConstraint(
        ["repo_id", "manifest"],
        ["manifests.repo_id", "manifests.digest"],
        ondelete="CASCADE",
        name="fk_manifest_blobs_manifest",
    ),
    ForeignKeyConstraint(
        ["repo_id", "link"],
        ["repo_blobs.repo_id", "repo_blobs.digest"],
        ondelete="RESTRICT",
        name="fk_manifest_blobs_link",
    ),
    CheckConstraint("link IS NULL OR link = digest", name="link"),
    Index("ix_manifest_blobs_repo_id_digest", "repo_id", "digest"),
    Index("ix_manifest_blobs_repo_id_link", "repo_id", "link"),
)
_is_set = text("large_config IS NOT NULL")
_index_of(_is_set, "ix_manifest_blobs_large_config", manifest_blobs.c.repo_id, manifest_blobs.c.large_config)

manifest_children = Table(
    "manifest_children",
    metadata,
    Column("repo_id", BigInteger, primary_key=True),
    Column("parent", bytewise(160), primary_key=True),
    Column("child_digest", bytewise(160), primary_key=True),
    Column("child", bytewise(160)),
    ForeignKeyConstraint(
        ["repo_id", "parent"],
        ["manifests.repo_id", "manifests.digest"],
        ondelete="CASCADE",
        name="fk_manifest_children_parent",
    ),
    ForeignKeyConstraint(
        ["repo_id", "child"],
        ["manifests.repo_id", "manifests.digest"],
        ondelete="RESTRICT",
        name="fk_manifest_children_child",
    ),
    CheckConstraint("child IS NULL OR child = child_digest", name="child"),
    Index("ix_manifest_children_repo_id_child_digest", "repo_id", "child_digest"),
    Index("ix_manifest_children_repo_id_child", "repo_id", "child"),
)

tags = Table(
    "tags",
    metadata,
    _repo_id(),
    Column("name", bytewise(128), primary_key=True),
    Column("digest", bytewise(160)),
    Column("epoch", BigInteger, nullable=False),
    Column("hlc", BigInteger, nullable=False),
    Column("region", bytewise(64), nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("updated_by", bytewise(320), nullable=False),
    Column("version_key", bytewise(255), nullable=False, server_default=text("''")),
    ForeignKeyConstraint(
        ["repo_id", "digest"], ["manifests.repo_id", "manifests.digest"], ondelete="RESTRICT", name="fk_tags_digest"
    ),
    Index("ix_tags_repo_id_digest", "repo_id", "digest"),
    comment="A tag without a digest was deleted; its version stays so that it only ever grows",
)
_is_set = text("digest IS NOT NULL")
_index_of(_is_set, "ix_tags_updated", tags.c.repo_id, tags.c.updated_at, tags.c.name)
_index_of(_is_set, "ix_tags_version", tags.c.repo_id, tags.c.version_key, tags.c.name)
_index_of(_is_set, "ix_tags_name", tags.c.name, tags.c.repo_id)

tag_history = Table(
    "tag_history",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("repo_id", BigInteger, ForeignKey("repositories.id", ondelete="RESTRICT"), nullable=False),
    Column("name", bytewise(128), nullable=False),
    Column("digest", bytewise(160)),
    Column("previous_digest", bytewise(160)),
    Column("epoch", BigInteger, nullable=False),
    Column("hlc", BigInteger, nullable=False),
    Column("region", bytewise(64), nullable=False),
    Column("changed_at", BigInteger, nullable=False),
    Column("changed_by", bytewise(320), nullable=False),
    Column("cause", bytewise(32), nullable=False),
    Column("deletion_id", bytewise(26)),
    Index("ix_tag_history_repo_id_name_id", "repo_id", "name", "id"),
    Index("ix_tag_history_repo_id_id", "repo_id", "id"),
    Index("ix_tag_history_deletion_id", "deletion_id"),
    comment="Every value a tag ever had; digest NULL means that it was deleted",
)

holds = Table(
    "holds",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("kind", bytewise(16), nullable=False),
    Column("repo_id", BigInteger, ForeignKey("repositories.id", ondelete="RESTRICT")),
    Column("digest", bytewise(160), nullable=False),
    Column("until", BigInteger),
    Column("created_at", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    CheckConstraint("kind IN ('replication', 'pin', 'backup', 'legal', 'user', 'history')", name="kind"),
    Index("ix_holds_repo_id_digest", "repo_id", "digest"),
    Index("ix_holds_until", "until"),
    comment="Reasons to keep a digest besides tags and parents; until NULL means without end",
)

uploads = Table(
    "uploads",
    metadata,
    Column("id", bytewise(26), primary_key=True),
    Column("repo_id", BigInteger, ForeignKey("repositories.id", ondelete="RESTRICT"), nullable=False, index=True),
    Column("store_id", BigInteger, ForeignKey("stores.id", ondelete="RESTRICT"), nullable=False),
    Column("object_key", bytewise(255), nullable=False, unique=True),
    Column("owner", bytewise(320), nullable=False),
    Column("algorithm", bytewise(32), nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("hash_state", LargeBinary, nullable=False),
    Column("writer_state", LargeBinary, nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False, index=True),
    Column("writing_until", BigInteger),
)

finished_uploads = Table(
    "finished_uploads",
    metadata,
    Column("id", bytewise(26), primary_key=True),
    Column("repo_id", BigInteger, ForeignKey("repositories.id", ondelete="RESTRICT"), nullable=False, index=True),
    Column("digest", bytewise(160), nullable=False),
    Column("expires_at", BigInteger, nullable=False, index=True),
    comment="Answers a closing PUT that is retried after its answer was lost",
)

tombstones = Table(
    "tombstones",
    metadata,
    Column("object_key", bytewise(255), primary_key=True),
    Column("store_id", BigInteger, ForeignKey("stores.id", ondelete="RESTRICT"), nullable=False),
    Column("digest", bytewise(160)),
    Column("size", BigInteger, nullable=False),
    Column("state", bytewise(16), nullable=False),
    Column("delete_after", BigInteger, nullable=False),
    Column("claimed_at", BigInteger),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("reason", bytewise(16), nullable=False, server_default="duplicate"),
    Column("object_since", BigInteger),
    Column("backup_id", BigInteger),
    CheckConstraint("state IN ('pending', 'deleting')", name="state"),
    comment="Objects that nothing refers to any more, and when their bytes go",
)
_is_free, _is_held_back = text("backup_id IS NULL"), text("backup_id IS NOT NULL")
_index_of(_is_free, "ix_tombstones_due", tombstones.c.state, tombstones.c.delete_after)
_index_of(_is_held_back, "ix_tombstones_backup", tombstones.c.backup_id, tombstones.c.object_key)

backups = Table(
    "backups",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("name", bytewise(64), nullable=False, unique=True),
    Column("place", Text, nullable=False),
    Column("taken_by", Text, nullable=False),
    Column("began_at", BigInteger, nullable=False),
    Column("taken_at", BigInteger),
    Column("expires_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    Column("newest_object", BigInteger),
    Column("facts", Text, nullable=False),
    comment="Copies of the database that may be restored: until one has ended, the bytes it names stay",
    sqlite_autoincrement=True,
)

collection_queue = Table(
    "collection_queue",
    metadata,
    Column("kind", bytewise(8), primary_key=True),
    Column("repo_id", BigInteger, primary_key=True, autoincrement=False),
    Column("digest", bytewise(160), primary_key=True),
    Column("not_before", BigInteger, nullable=False),
    Column("reason", bytewise(16), nullable=False),
    CheckConstraint("kind IN ('link', 'blob')", name="kind"),
    Index("ix_collection_queue_kind_not_before", "kind", "not_before"),
    comment="What may have lost its last use; repo_id is 0 for a blob, which belongs to none",
)

collection_marks = Table(
    "collection_marks",
    metadata,
    Column("name", bytewise(64), primary_key=True),
    Column("place", Text, nullable=False),
    comment="How far a walk over a table or a store has come, and whether collection stands still",
)

collection_runs = Table(
    "collection_runs",
    metadata,
    Column("id", bytewise(26), primary_key=True),
    Column("cause", bytewise(320), nullable=False),
    Column("state", bytewise(16), nullable=False),
    Column("started_at", BigInteger, nullable=False),
    Column("finished_at", BigInteger),
    Column("report", Text, nullable=False),
    CheckConstraint("state IN ('running', 'done', 'stopped', 'failed')", name="state"),
    comment="What each run of the collector did; the report is JSON",
)

usage_deltas = Table(
    "usage_deltas",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("namespace", bytewise(255), nullable=False),
    Column("repo_id", BigInteger, nullable=False),
    Column("kind", bytewise(16), nullable=False),
    Column("digest", bytewise(160), nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("count", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    CheckConstraint("kind IN ('blob', 'manifest', 'pull')", name="kind"),
    Index("ix_usage_deltas_namespace_id", "namespace", "id"),
    comment="Append-only; folded in the background so that no push or pull updates a shared row",
    sqlite_autoincrement=True,
)

modes = Table(
    "modes",
    metadata,
    Column("scope", bytewise(255), primary_key=True),
    Column("mode", bytewise(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("set_by", bytewise(320), nullable=False),
    Column("set_at", BigInteger, nullable=False),
    CheckConstraint("mode IN ('no-delete', 'read-only', 'maintenance')", name="mode"),
    comment="What is not rw: the instance (scope '') and projects",
)

ENDS = text("expires_at IS NOT NULL")

grants = Table(
    "grants",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("principal", bytewise(320), nullable=False),
    Column("path_pattern", bytewise(255), nullable=False, index=True),
    Column("role", bytewise(64), nullable=False, index=True),
    Column("tag_pattern", bytewise(128), nullable=False, server_default=text("''")),
    Column("expires_at", BigInteger),
    Column("created_at", BigInteger, nullable=False),
    Column("created_by", bytewise(320), nullable=False),
    Column("opening", bytewise(26), nullable=False, server_default=text("''")),
    Index("uq_grants", "principal", "path_pattern", "role", "tag_pattern", "opening", unique=True),
    Index("ix_grants_ending", "expires_at", sqlite_where=ENDS, postgresql_where=ENDS),
    comment="Who (kind:name) may do what (role) where (path pattern); with an opening, by breaking the glass",
)
