# SPDX-License-Identifier: Apache-2.0
"""What is asked of a Blob Storage, by the name that its documentation has for it."""

from dataclasses import dataclass
from urllib.parse import unquote

from tests.fakes.s3.calls import Call

_OPERATIONS = {
    ("PUT", "block"): "PutBlock",
    ("PUT", "blocklist"): "PutBlockList",
    ("PUT", ""): "PutBlob",
    ("GET", "list"): "ListBlobs",
    ("GET", "blocklist"): "GetBlockList",
    ("GET", ""): "GetBlob",
    ("HEAD", ""): "GetBlobProperties",
    ("DELETE", ""): "DeleteBlob",
}


@dataclass(frozen=True, slots=True)
class AzureCall(Call):
    """A request, whose path begins with the account."""

    @property
    def names(self) -> tuple[str, str]:
        """The container and the name of the blob."""
        _, _, path = unquote(self.path).removeprefix("/").partition("/")
        container, _, name = path.partition("/")
        return container, name

    @property
    def operation(self) -> str:
        """Its name, as `PutBlob`; `Unknown` where it has none here."""
        return _OPERATIONS.get((self.method, self.parameters.get("comp", "")), "Unknown")
