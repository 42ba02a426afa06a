# SPDX-License-Identifier: Apache-2.0
"""What is said in the target of where an artifact came from: a document that refers to it. No I/O.

Of people it says what they are called, and nothing else. It goes along with the artifact wherever that is copied.
"""

from collections.abc import Sequence

import msgspec

from entrepot.features.promotions.models import Decision
from entrepot.features.promotions.models import Promotion
from entrepot.kernel.clock import rfc3339
from entrepot.oci.descriptor import Descriptor
from entrepot.registry.attaching import Attachment

ARTIFACT_TYPE = "application/vnd.entrepot.promotion.v1+json"
CREATED = "org.opencontainers.image.created"
PREFIX = "vnd.entrepot.promotion."
"""How the annotations begin that are our own."""


class Approval(msgspec.Struct, frozen=True):
    """Who approved, and when."""

    by: str
    at: str


class Record(msgspec.Struct, frozen=True):
    """What the document says."""

    promotion: str
    path: str
    source: str
    target: str
    digest: str
    tag: str | None
    tags: tuple[str, ...]
    requested_by: str
    requested_at: str
    approvals: tuple[Approval, ...]
    approvals_needed: int
    carried_out_by: str
    settled_at: str
    """When the last approval was given that it took."""


def record_of(promotion: Promotion, approvals: Sequence[Decision]) -> str:
    """Return the document, as it is stored: the same whenever it is made of the same."""
    settled = max((each.at for each in approvals), default=promotion.requested_at)
    executor = promotion.executor or promotion.asker
    record = Record(
        promotion=promotion.id,
        path=promotion.path_address,
        source=promotion.source,
        target=promotion.target,
        digest=promotion.digest,
        tag=promotion.tag,
        tags=promotion.tags,
        requested_by=promotion.asker.identity,
        requested_at=rfc3339(promotion.requested_at),
        approvals=tuple(Approval(each.by, rfc3339(each.at)) for each in approvals),
        approvals_needed=promotion.needed or 0,
        carried_out_by=executor.identity,
        settled_at=rfc3339(settled),
    )
    return msgspec.json.encode(record).decode()


def attachment_of(promotion: Promotion, stored: str) -> Attachment:
    """Return the document as it is attached to the artifact, with annotations for whoever lists what refers to it."""
    record = msgspec.json.decode(stored, type=Record)
    annotations = {
        CREATED: record.settled_at,
        f"{PREFIX}path": record.path,
        f"{PREFIX}source": record.source,
        f"{PREFIX}tags": ",".join(record.tags),
        f"{PREFIX}requested-by": record.requested_by,
        f"{PREFIX}approved-by": ",".join(each.by for each in record.approvals),
    }
    return Attachment(
        repository=promotion.target,
        subject=Descriptor(promotion.media_type, promotion.digest, promotion.size),
        artifact_type=ARTIFACT_TYPE,
        content=stored.encode(),
        annotations={name: value for name, value in annotations.items() if value},
    )
