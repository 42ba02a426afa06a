# SPDX-License-Identifier: Apache-2.0
"""The system as the management API shows it."""

from pydantic import BaseModel
from pydantic import Field

from entrepot.features.system.models import DatabaseFacts
from entrepot.features.system.models import Node
from entrepot.features.system.models import StorageFacts
from entrepot.features.system.models import SystemFacts
from entrepot.features.tokens import KeyRecord
from entrepot.infra.http.schemas import Moment
from entrepot.kernel.clock import Milliseconds


class SystemDatabase(BaseModel):
    """The database."""

    kind: str = Field(examples=["sqlite"])
    version: str = Field(description="Of the database program or library.", examples=["3.45.1"])
    schema_revision: str = Field(description="Which schema the database has.", examples=["0011"])
    size_bytes: int = Field(description="What it takes up on disk, without its log.", examples=[52428800])

    @classmethod
    def of(cls, facts: DatabaseFacts) -> "SystemDatabase":
        """Show the database."""
        return cls(
            kind=facts.kind, version=facts.version, schema_revision=facts.schema_revision, size_bytes=facts.size_bytes
        )


class SystemStorage(BaseModel):
    """Where the bytes of blobs are kept."""

    url: str = Field(description="Without user names and passwords.", examples=["file:///var/lib/entrepot/blobs"])
    kind: str = Field(examples=["file"])
    free_bytes: int | None = Field(description="Room left; null where none can be told.", examples=[750000000000])
    total_bytes: int | None = Field(description="Room in all; null where none can be told.", examples=[1000000000000])

    @classmethod
    def of(cls, facts: StorageFacts) -> "SystemStorage":
        """Show the storage."""
        return cls(url=facts.url, kind=facts.kind, free_bytes=facts.free_bytes, total_bytes=facts.total_bytes)


class SystemView(BaseModel):
    """What the server process that answers is, and what it runs on."""

    version: str = Field(examples=["0.1.0"])
    python: str = Field(examples=["3.12.3"])
    platform: str = Field(
        description="The system of its machine, and that machine's sort.", examples=["Linux 6.8.0-45-generic x86_64"]
    )
    address: str = Field(description="What clients call the registry.", examples=["https://registry.example"])
    started_at: Moment = Field(description="When the process that answers was started.")
    workers: int = Field(description="How many processes this server runs.", examples=[1])
    database: SystemDatabase
    storage: SystemStorage

    @classmethod
    def of(cls, facts: SystemFacts, address: str) -> "SystemView":
        """Show the system."""
        return cls(
            version=facts.version,
            python=facts.python,
            platform=facts.platform,
            address=address,
            started_at=facts.started_at,
            workers=facts.workers,
            database=SystemDatabase.of(facts.database),
            storage=SystemStorage.of(facts.storage),
        )


class NodeItem(BaseModel):
    """A server process. One that went away without a word is shown for a day."""

    id: str = Field(description="New at every start.", examples=["01KA7Q8B4H3M5V9XEYD2T6RZNW"])
    host: str = Field(description="The name of its machine.", examples=["registry-1"])
    pid: int = Field(description="Its number on that machine.", examples=[4711])
    version: str = Field(examples=["0.1.0"])
    started_at: Moment
    seen_at: Moment = Field(description="When it last told that it is there, as it does every ten seconds.")
    is_alive: bool = Field(description="Whether that was within the last thirty seconds.")

    @classmethod
    def of(cls, node: Node, now: Milliseconds) -> "NodeItem":
        """Show a process."""
        return cls(
            id=node.id,
            host=node.host,
            pid=node.pid,
            version=node.version,
            started_at=node.started_at,
            seen_at=node.seen_at,
            is_alive=node.is_alive(now),
        )


class NodeList(BaseModel):
    """Server processes, the one started last first."""

    items: list[NodeItem]


class KeyItem(BaseModel):
    """A key that tokens of this registry are signed with. The key itself is not shown."""

    kid: str = Field(
        description="Its name in tokens: the thumbprint of RFC 7638.",
        examples=["NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"],
    )
    algorithm: str = Field(examples=["ES256"])
    created_at: Moment
    not_after: Moment | None = Field(description="Until when tokens that it signed are accepted; null while it signs.")
    is_current: bool = Field(description="Whether new tokens are signed with it.")

    @classmethod
    def of(cls, key: KeyRecord) -> "KeyItem":
        """Show a key."""
        return cls(
            kid=key.kid,
            algorithm=key.algorithm,
            created_at=key.created_at,
            not_after=key.not_after,
            is_current=key.not_after is None,
        )


class KeyList(BaseModel):
    """The keys whose tokens are accepted, the newest first."""

    items: list[KeyItem]
