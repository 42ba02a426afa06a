# SPDX-License-Identifier: Apache-2.0
"""What an artifact is, and the facts about it that are worth showing."""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from enum import StrEnum

from entrepot.kernel.clock import Milliseconds
from entrepot.oci.descriptor import Platform
from entrepot.oci.digest import Digest


class ArtifactType(StrEnum):
    """What a manifest is for its users, whatever tool made it."""

    IMAGE = "image"
    INDEX = "index"
    CHART = "chart"
    WASM = "wasm"
    SBOM = "sbom"
    SIGNATURE = "signature"
    ATTESTATION = "attestation"
    MODEL = "model"
    POLICY_BUNDLE = "policy_bundle"
    CONFIGURATION = "configuration"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer; `command` is what made it, or empty when the configuration does not tell."""

    digest: Digest
    size: int
    media_type: str
    command: str = ""


@dataclass(frozen=True, slots=True)
class ArtifactFacts:
    """What a manifest and its configuration say. What they do not say is empty or None.

    All of it was written by whoever pushed the artifact, and nothing of it is verified.
    `total_size` adds up configuration and layers in bytes, each digest once; of an
    index it is 0, because its children have facts of their own.
    """

    type: ArtifactType
    platforms: tuple[Platform, ...] = ()
    created: Milliseconds | None = None
    labels: Mapping[str, str] = field(default_factory=dict, hash=False)
    annotations: Mapping[str, str] = field(default_factory=dict, hash=False)
    config_digest: Digest | None = None
    layers: tuple[Layer, ...] = ()
    total_size: int = 0
    chart_name: str = ""
    chart_version: str = ""
    title: str = ""
    description: str = ""
    version: str = ""
    expires_after: int | None = None
    """For how many milliseconds a tag on it is to be kept."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What a list shows of an artifact. `platforms` are short, like `linux/arm64/v8`.

    `total_size` is in bytes; of an index it is that of its entries, None while nothing is known of them.
    """

    type: ArtifactType
    platforms: tuple[str, ...]
    total_size: int | None
