# SPDX-License-Identifier: Apache-2.0
"""Which sort of client a request came from, by what it calls itself. Anybody may call themselves anything."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class ClientFamily(StrEnum):
    """Programs that are told apart."""

    DOCKER = "docker"
    CONTAINERD = "containerd"
    PODMAN = "podman"
    SKOPEO = "skopeo"
    ORAS = "oras"
    HELM = "helm"
    CRANE = "crane"
    REGCTL = "regctl"
    BUILDKIT = "buildkit"
    KUBERNETES = "kubernetes"
    CURL = "curl"
    PYTHON = "python"
    GO = "go"
    OTHER = "other"


_PRODUCTS: Mapping[str, ClientFamily] = MappingProxyType(
    {
        "docker": ClientFamily.DOCKER,
        "docker-client": ClientFamily.DOCKER,
        "containerd": ClientFamily.CONTAINERD,
        "nerdctl": ClientFamily.CONTAINERD,
        "podman": ClientFamily.PODMAN,
        "libpod": ClientFamily.PODMAN,
        "buildah": ClientFamily.PODMAN,
        "containers": ClientFamily.PODMAN,
        "skopeo": ClientFamily.SKOPEO,
        "oras": ClientFamily.ORAS,
        "oras-go": ClientFamily.ORAS,
        "helm": ClientFamily.HELM,
        "crane": ClientFamily.CRANE,
        "go-containerregistry": ClientFamily.CRANE,
        "regctl": ClientFamily.REGCTL,
        "regclient": ClientFamily.REGCTL,
        "buildkit": ClientFamily.BUILDKIT,
        "buildx": ClientFamily.BUILDKIT,
        "cri-o": ClientFamily.KUBERNETES,
        "kubelet": ClientFamily.KUBERNETES,
        "kubernetes": ClientFamily.KUBERNETES,
        "curl": ClientFamily.CURL,
        "python": ClientFamily.PYTHON,
        "python-requests": ClientFamily.PYTHON,
        "python-urllib": ClientFamily.PYTHON,
        "python-urllib3": ClientFamily.PYTHON,
        "python-httpx": ClientFamily.PYTHON,
        "aiohttp": ClientFamily.PYTHON,
        "go-http-client": ClientFamily.GO,
    }
)
"""By the name of a product (RFC 9110, section 10.1.5). Tools that say nothing of themselves call themselves by the
library that they are made with: `go-containerregistry` is not only crane."""


def family_of(agent: str) -> ClientFamily:
    """Return the family of a `User-Agent`, by the first product in it that is known."""
    for product in agent.lower().split():
        family = _PRODUCTS.get(product.partition("/")[0])
        if family is not None:
            return family
    return ClientFamily.OTHER
