# SPDX-License-Identifier: Apache-2.0
"""The first schema."""

import sqlalchemy as sa
from alembic import op

from entrepot.infra.database.metadata import RowId
from entrepot.infra.database.metadata import bytewise

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "artifact_facts",
        sa.Column("digest", bytewise(160), nullable=False),
        sa.Column("type", bytewise(32), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("rules_version", sa.Integer(), nullable=False),
        sa.Column("derived_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_artifact_facts")),
        comment="Derived from content alone, so the same for every repository that holds the manifest",
    )
    with op.batch_alter_table("artifact_facts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_artifact_facts_type"), ["type"], unique=False)

    op.create_table(
        "blobs",
        sa.Column("digest", bytewise(160), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("first_seen", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_blobs")),
        comment="Content that exists, wherever its bytes are",
    )
    op.create_table(
        "grants",
        sa.Column("id", RowId, nullable=False),
        sa.Column("principal", bytewise(320), nullable=False),
        sa.Column("path_pattern", bytewise(255), nullable=False),
        sa.Column("role", bytewise(64), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", bytewise(320), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grants")),
        comment="Who (kind:name) may do what (role) where (path pattern)",
    )
    with op.batch_alter_table("grants", schema=None) as batch_op:
        batch_op.create_index(
            "uq_grants_principal_path_pattern_role", ["principal", "path_pattern", "role"], unique=True
        )

    op.create_table(
        "jobs",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("unique_key", sa.String(length=255), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("run_after", sa.BigInteger(), nullable=False),
        sa.Column("claims", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("claimed_by", sa.String(length=320), nullable=True),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.Column("cancel_requested_at", sa.BigInteger(), nullable=True),
        sa.Column("progress", sa.Text(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=True),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("(state = 'running') = (lease_until IS NOT NULL)", name=op.f("ck_jobs_lease")),
        sa.CheckConstraint("(state IN ('queued', 'running')) = (finished_at IS NULL)", name=op.f("ck_jobs_finished")),
        sa.CheckConstraint(
            "state IN ('queued', 'running', 'succeeded', 'dead', 'cancelled')", name=op.f("ck_jobs_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
        comment="`claims` numbers the claims and so fences a worker that lost its lease; payloads never hold secrets",
    )
    with op.batch_alter_table("jobs", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_jobs_finished_at"), ["finished_at"], unique=False)
        batch_op.create_index("ix_jobs_kind_id", ["kind", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_jobs_lease_until"), ["lease_until"], unique=False)
        batch_op.create_index(
            "ix_jobs_queued",
            ["kind", "run_after", "id"],
            unique=False,
            sqlite_where=sa.text("state = 'queued'"),
            postgresql_where=sa.text("state = 'queued'"),
        )
        batch_op.create_index("ix_jobs_state_id", ["state", "id"], unique=False)
        batch_op.create_index(
            "uq_jobs_key",
            ["kind", "unique_key"],
            unique=True,
            sqlite_where=sa.text("finished_at IS NULL"),
            postgresql_where=sa.text("finished_at IS NULL"),
        )

    op.create_table(
        "outbox",
        sa.Column("seq", RowId, nullable=False),
        sa.Column("txid", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column("occurred_at", sa.BigInteger(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_outbox")),
        comment="What happened, in commit order; dropped once every consumer is past it and it is old",
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index("ix_outbox_txid_seq", ["txid", "seq"], unique=False)

    op.create_table(
        "outbox_consumers",
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("txid", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("failing_since", sa.BigInteger(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_outbox_consumers")),
        comment="How far each listener has come; moved in the transaction of its effect",
    )
    op.create_table(
        "schedules",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("cron", sa.String(length=128), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("next_run_at", sa.BigInteger(), nullable=False),
        sa.Column("last_run_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_schedules")),
    )
    with op.batch_alter_table("schedules", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_schedules_next_run_at"), ["next_run_at"], unique=False)

    op.create_table(
        "signing_keys",
        sa.Column("kid", sa.String(length=64), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("algorithm", sa.String(length=16), nullable=False),
        sa.Column("public_jwk", sa.Text(), nullable=False),
        sa.Column("private_key_encrypted", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("not_after", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("kid", name=op.f("pk_signing_keys")),
        sa.UniqueConstraint("generation", name=op.f("uq_signing_keys_generation")),
        comment="The newest generation signs; tokens of any key that is not past not_after are accepted",
    )
    op.create_table(
        "stores",
        sa.Column("id", RowId, nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("key_ring", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stores")),
        sa.UniqueConstraint("url", name=op.f("uq_stores_url")),
    )
    op.create_table(
        "usage_deltas",
        sa.Column("id", RowId, nullable=False),
        sa.Column("namespace", bytewise(255), nullable=False),
        sa.Column("repo_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", bytewise(16), nullable=False),
        sa.Column("digest", bytewise(160), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("kind IN ('blob', 'manifest', 'pull')", name=op.f("ck_usage_deltas_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_usage_deltas")),
        comment="Append-only; folded in the background so that no push or pull updates a shared row",
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("usage_deltas", schema=None) as batch_op:
        batch_op.create_index("ix_usage_deltas_namespace_id", ["namespace", "id"], unique=False)

    op.create_table(
        "users",
        sa.Column("id", RowId, nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("is_admin", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("disabled_at", sa.BigInteger(), nullable=True),
        sa.Column("password_changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("name", name=op.f("uq_users_name")),
        comment="Local accounts; one with disabled_at may do nothing",
    )
    op.create_table(
        "objects",
        sa.Column("object_key", bytewise(255), nullable=False),
        sa.Column("digest", bytewise(160), nullable=False),
        sa.Column("store_id", sa.BigInteger(), nullable=False),
        sa.Column("state", bytewise(16), nullable=False),
        sa.Column("stored_size", sa.BigInteger(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=True),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=True),
        sa.Column("storage_class", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("state IN ('live', 'missing')", name=op.f("ck_objects_state")),
        sa.ForeignKeyConstraint(["digest"], ["blobs.digest"], name=op.f("fk_objects_digest"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f("fk_objects_store_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("object_key", name=op.f("pk_objects")),
        comment="Where the bytes of a blob are",
    )
    with op.batch_alter_table("objects", schema=None) as batch_op:
        batch_op.create_index("ix_objects_digest", ["digest"], unique=False)
        batch_op.create_index(
            "uq_objects_live",
            ["digest", "store_id"],
            unique=True,
            sqlite_where=sa.text("state = 'live'"),
            postgresql_where=sa.text("state = 'live'"),
        )

    op.create_table(
        "repositories",
        sa.Column("id", RowId, nullable=False),
        sa.Column("name", bytewise(255), nullable=False),
        sa.Column("namespace", bytewise(255), nullable=False),
        sa.Column("store_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("visible_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["store_id"], ["stores.id"], name=op.f("fk_repositories_store_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_repositories")),
        sa.UniqueConstraint("name", name=op.f("uq_repositories_name")),
        comment="Created by the first upload, visible from its first manifest",
    )
    with op.batch_alter_table("repositories", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_repositories_namespace"), ["namespace"], unique=False)

    op.create_table(
        "tombstones",
        sa.Column("object_key", bytewise(255), nullable=False),
        sa.Column("store_id", sa.BigInteger(), nullable=False),
        sa.Column("digest", bytewise(160), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("state", bytewise(16), nullable=False),
        sa.Column("delete_after", sa.BigInteger(), nullable=False),
        sa.Column("claimed_at", sa.BigInteger(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint("state IN ('pending', 'deleting')", name=op.f("ck_tombstones_state")),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f("fk_tombstones_store_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("object_key", name=op.f("pk_tombstones")),
        comment="Objects that nothing refers to any more, and when their bytes go",
    )
    with op.batch_alter_table("tombstones", schema=None) as batch_op:
        batch_op.create_index("ix_tombstones_state_delete_after", ["state", "delete_after"], unique=False)

    op.create_table(
        "finished_uploads",
        sa.Column("id", bytewise(26), nullable=False),
        sa.Column("repo_id", sa.BigInteger(), nullable=False),
        sa.Column("digest", bytewise(160), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["repo_id"], ["repositories.id"], name=op.f("fk_finished_uploads_repo_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finished_uploads")),
        comment="Answers a closing PUT that is retried after its answer was lost",
    )
    with op.batch_alter_table("finished_uploads", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_finished_uploads_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_finished_uploads_repo_id"), ["repo_id"], unique=False)

    op.create_table(
        "holds",
        sa.Column("id", RowId, nullable=False),
        sa.Column("kind", bytewise(16), nullable=False),
        sa.Column("repo_id", sa.BigInteger(), nullable=True),
        sa.Column("digest", bytewise(160), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('replication', 'pin', 'backup', 'legal', 'user', 'history')", name=op.f("ck_holds_kind")
        ),
        sa.ForeignKeyConstraint(["repo_id"], ["repositories.id"], name=op.f("fk_holds_repo_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holds")),
        comment="Reasons to keep a digest besides tags and parents; until NULL means without end",
    )
    with op.batch_alter_table("holds", schema=None) as batch_op:
        batch_op.create_index("ix_holds_repo_id_digest", ["repo_id", "digest"], unique=False)
        batch_op.create_index("ix_holds_until", ["until"], unique=False)

    op.create_table(
        "manifests",
        sa.Column("repo_id", sa.BigInteger(), nullable=False),
        sa.Column("digest", bytewise(160), nullable=False),
        sa.Column("media_type", bytewise(255), nullable=False),
        sa.Column("artifact_type", bytewise(255), nullable=True),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("subject", bytewise(160), nullable=True),
        sa.Column("referrer_descriptor", sa.Text(), nullable=True),
        sa.Column("pushed_at", sa.BigInteger(), nullable=False),
        sa.Column("pushed_by", bytewise(320), nullable=False),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.Column("deletion_id", bytewise(26), nullable=True),
        sa.Column("purge_after", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["repo_id"], ["repositories.id"], name=op.f("fk_manifests_repo_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("repo_id", "digest", name=op.f("pk_manifests")),
        comment="Byte-exact manifests; one with deleted_at is in the bin until purge_after",
    )
    with op.batch_alter_table("manifests", schema=None) as batch_op:
        batch_op.create_index("ix_manifests_deletion_id", ["deletion_id"], unique=False)
        batch_op.create_index("ix_manifests_subject", ["repo_id", "subject", "digest"], unique=False)

    op.create_table(
        "repo_blobs",
        sa.Column("repo_id", sa.BigInteger(), nullable=False),
        sa.Column("digest", bytewise(160), nullable=False),
        sa.Column("linked_at", sa.BigInteger(), nullable=False),
        sa.Column("lease_until", sa.BigInteger(), nullable=False),
        sa.Column("leased_by", bytewise(320), nullable=False),
        sa.Column("hidden_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["digest"], ["blobs.digest"], name=op.f("fk_repo_blobs_digest"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["repo_id"], ["repositories.id"], name=op.f("fk_repo_blobs_repo_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("repo_id", "digest", name=op.f("pk_repo_blobs")),
        comment="Which blobs a repository holds; the lease protects one that no manifest uses yet",
    )
    with op.batch_alter_table("repo_blobs", schema=None) as batch_op:
        batch_op.create_index("ix_repo_blobs_digest", ["digest"], unique=False)
        batch_op.create_index(batch_op.f("ix_repo_blobs_lease_until"), ["lease_until"], unique=False)

    op.create_table(
        "tag_history",
        sa.Column("id", RowId, nullable=False),
        sa.Column("repo_id", sa.BigInteger(), nullable=False),
        sa.Column("name", bytewise(128), nullable=False),
        sa.Column("digest", bytewise(160), nullable=True),
        sa.Column("previous_digest", bytewise(160), nullable=True),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("hlc", sa.BigInteger(), nullable=False),
        sa.Column("region", bytewise(64), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_by", bytewise(320), nullable=False),
        sa.Column("cause", bytewise(32), nullable=False),
        sa.Column("deletion_id", bytewise(26), nullable=True),
        sa.ForeignKeyConstraint(
            ["repo_id"], ["repositories.id"], name=op.f("fk_tag_history_repo_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tag_history")),
        comment="Every value a tag ever had; digest NULL means that it was deleted",
    )
    with op.batch_alter_table("tag_history", schema=None) as batch_op:
        batch_op.create_index("ix_tag_history_deletion_id", ["deletion_id"], unique=False)
        batch_op.create_index("ix_tag_history_repo_id_name_id", ["repo_id", "name", "id"], unique=False)

    op.create_table(
        "uploads",
        sa.Column("id", bytewise(26), nullable=False),
        sa.Column("repo_id", sa.BigInteger(), nullable=False),
        sa.Column("store_id", sa.BigInteger(), nullable=False),
        sa.Column("object_key", bytewise(255), nullable=False),
        sa.Column("owner", bytewise(320), nullable=False),
        sa.Column("algorithm", bytewise(32), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("hash_state", sa.LargeBinary(), nullable=False),
        sa.Column("writer_state", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["repo_id"], ["repositories.id"], name=op.f("fk_uploads_repo_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f("fk_uploads_store_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_uploads")),
        sa.UniqueConstraint("object_key", name=op.f("uq_uploads_object_key")),
    )
    with op.batch_alter_table("uploads", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_uploads_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_uploads_repo_id"), ["repo_id"], unique=False)

    op.create_table(
        "manifest_blobs",
        sa.Column("repo_id", sa.BigInteger(), nullable=False),
        sa.Column("manifest", bytewise(160), nullable=False),
        sa.Column("digest", bytewise(160), nullable=False),
        sa.Column("link", bytewise(160), nullable=True),
        sa.CheckConstraint("link IS NULL OR link = digest", name=op.f("ck_manifest_blobs_link")),
        sa.ForeignKeyConstraint(
            ["repo_id", "link"],
            ["repo_blobs.repo_id", "repo_blobs.digest"],
            name="fk_manifest_blobs_link",
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["repo_id", "manifest"],
            ["manifests.repo_id", "manifests.digest"],
            name="fk_manifest_blobs_manifest",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("repo_id", "manifest", "digest", name=op.f("pk_manifest_blobs")),
    )
    with op.batch_alter_table("manifest_blobs", schema=None) as batch_op:
        batch_op.create_index("ix_manifest_blobs_repo_id_digest", ["repo_id", "digest"], unique=False)
        batch_op.create_index("ix_manifest_blobs_repo_id_link", ["repo_id", "link"], unique=False)

    op.create_table(
        "manifest_children",
        sa.Column("repo_id", sa.BigInteger(), nullable=False),
        sa.Column("parent", bytewise(160), nullable=False),
        sa.Column("child_digest", bytewise(160), nullable=False),
        sa.Column("child", bytewise(160), nullable=True),
        sa.CheckConstraint("child IS NULL OR child = child_digest", name=op.f("ck_manifest_children_child")),
        sa.ForeignKeyConstraint(
            ["repo_id", "child"],
            ["manifests.repo_id", "manifests.digest"],
            name="fk_manifest_children_child",
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["repo_id", "parent"],
            ["manifests.repo_id", "manifests.digest"],
            name="fk_manifest_children_parent",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("repo_id", "parent", "child_digest", name=op.f("pk_manifest_children")),
    )
    with op.batch_alter_table("manifest_children", schema=None) as batch_op:
        batch_op.create_index("ix_manifest_children_repo_id_child", ["repo_id", "child"], unique=False)
        batch_op.create_index("ix_manifest_children_repo_id_child_digest", ["repo_id", "child_digest"], unique=False)

    op.create_table(
        "tags",
        sa.Column("repo_id", sa.BigInteger(), nullable=False),
        sa.Column("name", bytewise(128), nullable=False),
        sa.Column("digest", bytewise(160), nullable=True),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("hlc", sa.BigInteger(), nullable=False),
        sa.Column("region", bytewise(64), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_by", bytewise(320), nullable=False),
        sa.ForeignKeyConstraint(
            ["repo_id", "digest"], ["manifests.repo_id", "manifests.digest"], name="fk_tags_digest", ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["repo_id"], ["repositories.id"], name=op.f("fk_tags_repo_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("repo_id", "name", name=op.f("pk_tags")),
        comment="A tag without a digest was deleted; its version stays so that it only ever grows",
    )
    with op.batch_alter_table("tags", schema=None) as batch_op:
        batch_op.create_index("ix_tags_repo_id_digest", ["repo_id", "digest"], unique=False)
