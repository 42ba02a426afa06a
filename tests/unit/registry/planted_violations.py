# SPDX-License-Identifier: Apache-2.0
"""A registry in which every kind of row occurs, and what can be done to it that verification has to find."""

from collections.abc import Sequence

from sqlalchemy import Executable
from sqlalchemy import Table
from sqlalchemy import delete
from sqlalchemy import insert
from sqlalchemy import literal
from sqlalchemy import select
from sqlalchemy import text
from sqlalchemy import update

from entrepot.infra.storage.sealing import OVERHEAD_BYTES
from entrepot.oci.digest import digest_of
from entrepot.oci.media_types import OCI_FOREIGN_LAYER
from entrepot.oci.reference import TagName
from entrepot.registry.findings import Rule
from entrepot.registry.findings import Severity
from entrepot.registry.tables import blobs
from entrepot.registry.tables import manifest_blobs
from entrepot.registry.tables import manifest_children
from entrepot.registry.tables import manifests
from entrepot.registry.tables import objects
from entrepot.registry.tables import repo_blobs
from entrepot.registry.tables import stores
from entrepot.registry.tables import tag_history
from entrepot.registry.tables import tags
from entrepot.registry.tables import tombstones
from entrepot.registry.tables import uploads
from tests.builders.core import EVERYBODY
from tests.builders.core import REPOSITORY
from tests.builders.core import RunningCore
from tests.builders.manifests import A_LAYER
from tests.builders.manifests import a_descriptor
from tests.builders.manifests import an_image_manifest
from tests.builders.manifests import an_index

FOREIGN = b"a foreign layer that is here all the same"
LOOSE = b"a blob that no manifest uses"
BINNED_LAYER = b"a layer of a deleted image"
LAYER_DIGEST, FOREIGN_DIGEST, LOOSE_DIGEST = digest_of(A_LAYER), digest_of(FOREIGN), digest_of(LOOSE)
IMAGE = an_image_manifest()
FOREIGN_IMAGE = an_image_manifest(layers=[a_descriptor(FOREIGN, OCI_FOREIGN_LAYER)])
BINNED = an_image_manifest(layers=[a_descriptor(BINNED_LAYER)])
INDEX = an_index(IMAGE.descriptor(), a_descriptor(b"a manifest that was never pushed"))


async def populate(running: RunningCore) -> None:
    """Push, tag and delete, and leave an upload unfinished."""
    await running.put_image(IMAGE, "1", "latest", "gone")
    await running.put_manifest(INDEX, "all")
    for content in (FOREIGN, LOOSE, BINNED_LAYER):
        await running.put_blob(content)
    await running.put_manifest(FOREIGN_IMAGE, "foreign")
    await running.put_manifest(BINNED, "binned")
    await running.delete.tag(EVERYBODY, REPOSITORY, TagName("gone"))
    await running.delete.manifest(EVERYBODY, REPOSITORY, BINNED.digest)
    await running.delete.blob(EVERYBODY, REPOSITORY, digest_of(BINNED_LAYER))
    await running.uploads.start(EVERYBODY, REPOSITORY)


V, W = Severity.VIOLATION, Severity.WARNING
A_KEY = select(objects.c.object_key).where(objects.c.digest == LAYER_DIGEST).scalar_subquery()
BURY = ["object_key", "store_id", "size", "state", "delete_after"]
COPIED = ["object_key", "digest", "store_id", "state", "stored_size", "created_at"]
NONSENSE = {"media_type": IMAGE.media_type, "payload": b"[]", "size": 2, "pushed_at": 0, "pushed_by": "user:somebody"}
IS_LAYER = objects.c.digest == LAYER_DIGEST


def bury(table: Table) -> Executable:
    """Give every key of a table a tombstone."""
    return insert(tombstones).from_select(
        BURY, select(table.c.object_key, table.c.store_id, literal(1), literal("pending"), literal(0))
    )


PLANTED: dict[str, tuple[Sequence[Executable], set[tuple[Rule, Severity]]]] = {
    "a blob's row is gone": ([delete(blobs).where(blobs.c.digest == LAYER_DIGEST)], {(Rule.REFERENCE, V)}),
    "a link is gone": ([delete(repo_blobs).where(repo_blobs.c.digest == LAYER_DIGEST)], {(Rule.REFERENCE, V)}),
    "a manifest is gone": ([delete(manifests).where(manifests.c.digest == IMAGE.digest)], {(Rule.REFERENCE, V)}),
    "an upload is in a store that is gone": ([update(uploads).values(store_id=99)], {(Rule.REFERENCE, V)}),
    "other bytes of a manifest": (
        [update(manifests).where(manifests.c.digest == IMAGE.digest).values(payload=IMAGE.payload[::-1])],
        {(Rule.MANIFEST_DIGEST, V)},
    ),
    "a manifest that makes no sense": (
        [insert(manifests).values(repo_id=1, digest=digest_of(b"[]"), **NONSENSE)],
        {(Rule.MANIFEST_BLOB, V)},
    ),
    "a manifest of another size": ([update(manifests).values(size=1)], {(Rule.MANIFEST_SIZE, V)}),
    "a required blob is not linked": (
        [update(manifest_blobs).where(manifest_blobs.c.digest == LAYER_DIGEST).values(link=None)],
        {(Rule.MANIFEST_BLOB, V)},
    ),
    "a required blob is not on record": (
        [delete(manifest_blobs).where(manifest_blobs.c.digest == LAYER_DIGEST)],
        {(Rule.MANIFEST_BLOB, V)},
    ),
    "a blob of a manifest is hidden": (
        [update(repo_blobs).where(repo_blobs.c.digest == FOREIGN_DIGEST).values(hidden_at=1)],
        {(Rule.MANIFEST_BLOB, V)},
    ),
    "an optional blob is here and not held": (
        [update(manifest_blobs).where(manifest_blobs.c.digest == FOREIGN_DIGEST).values(link=None)],
        {(Rule.WAITING, V)},
    ),
    "an optional blob is hidden and not held": (
        [
            update(manifest_blobs).where(manifest_blobs.c.digest == FOREIGN_DIGEST).values(link=None),
            update(repo_blobs).where(repo_blobs.c.digest == FOREIGN_DIGEST).values(hidden_at=1),
        ],
        set(),
    ),
    "a child is here and not held": ([update(manifest_children).values(child=None)], {(Rule.WAITING, V)}),
    "a tag on a deleted manifest": (
        [update(manifests).where(manifests.c.digest == INDEX.digest).values(deleted_at=1)],
        {(Rule.TAG_MANIFEST, V)},
    ),
    "a tag of another version": ([update(tags).values(hlc=tags.c.hlc + 1)], {(Rule.TAG_HISTORY, V)}),
    "a tag without history": ([delete(tag_history)], {(Rule.TAG_HISTORY, V)}),
    "a needed object is marked missing": (
        [update(objects).where(IS_LAYER).values(state="missing")],
        {(Rule.LINK_OBJECT, V)},
    ),
    "an object that nobody needs is marked missing": (
        [update(objects).where(objects.c.digest == LOOSE_DIGEST).values(state="missing")],
        {(Rule.LINK_OBJECT, W)},
    ),
    "an object that only a deleted manifest needs is marked missing": (
        [update(objects).where(objects.c.digest == digest_of(BINNED_LAYER)).values(state="missing")],
        {(Rule.LINK_OBJECT, W)},
    ),
    "a needed object's row is gone": (
        [delete(objects).where(IS_LAYER)],
        {(Rule.LINK_OBJECT, V), (Rule.STORED_KNOWN, W)},
    ),
    "a second live object": (
        [
            text("DROP INDEX uq_objects_live"),
            insert(objects).from_select(
                COPIED, select(literal("other"), *map(objects.c.get, COPIED[1:])).where(IS_LAYER)
            ),
        ],
        {(Rule.LINK_OBJECT, V), (Rule.OBJECT_STORED, V)},
    ),
    "an object has a tombstone": ([bury(objects)], {(Rule.KEY_ONCE, V)}),
    "an upload has a tombstone": ([bury(uploads)], {(Rule.KEY_ONCE, V)}),
    "an upload has an object": ([update(uploads).values(object_key=A_KEY)], {(Rule.KEY_ONCE, V)}),
    "a blob of another size": ([update(blobs).values(size=1)], {(Rule.OBJECT_SIZE, V)}),
    "an encrypted object has its own size": (
        [update(objects).values(key_id="k", stored_size=objects.c.stored_size + OVERHEAD_BYTES)],
        set(),
    ),
    "an encrypted object of another size": (
        [update(objects).values(key_id="k")],
        {(Rule.OBJECT_SIZE, V), (Rule.OBJECT_STORED, V)},
    ),
    "an object of another size": (
        [update(objects).values(stored_size=1)],
        {(Rule.OBJECT_SIZE, V), (Rule.OBJECT_STORED, V)},
    ),
    "a store that is not configured": (
        [
            insert(stores).values(id=99, url="memory://elsewhere"),
            update(objects).where(objects.c.digest == LOOSE_DIGEST).values(store_id=99),
        ],
        {(Rule.STORE_CONFIGURED, V), (Rule.LINK_OBJECT, W), (Rule.STORED_KNOWN, W)},
    ),
}
