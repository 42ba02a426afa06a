# SPDX-License-Identifier: Apache-2.0
"""Every client: how it is started, what it is made of, and the operations that it has no command for."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from tests.interop.clients import buildah
from tests.interop.clients import containerd
from tests.interop.clients import containerd_2
from tests.interop.clients import cosign
from tests.interop.clients import crane
from tests.interop.clients import docker
from tests.interop.clients import helm
from tests.interop.clients import notation
from tests.interop.clients import oras
from tests.interop.clients import oras_py
from tests.interop.clients import podman
from tests.interop.clients import regctl
from tests.interop.clients import skopeo
from tests.interop.clients import umoci
from tests.interop.target import Bench
from tests.interop.verbs import Operation


@dataclass(frozen=True, slots=True)
class Client:
    """How a client is started, and what it needs of pins.toml, that which gives it its version first."""

    start: Callable[[Bench], AbstractContextManager[object]]
    needs: tuple[str, ...]


CLIENTS = {
    "docker": Client(docker.start, ("docker.io",)),
    "podman": Client(podman.start, ("podman",)),
    "buildah": Client(buildah.start, ("buildah",)),
    "skopeo": Client(skopeo.start, ("skopeo",)),
    "umoci": Client(umoci.start, ("umoci",)),
    "containerd": Client(containerd.start, ("containerd",)),
    "containerd-2": Client(containerd_2.start, ("containerd-2", "ctr-2")),
    "crane": Client(crane.start, ("crane",)),
    "oras": Client(oras.start, ("oras",)),
    "regctl": Client(regctl.start, ("regctl",)),
    "helm": Client(helm.start, ("helm",)),
    "notation": Client(notation.start, ("notation",)),
    "cosign": Client(cosign.start, ("cosign",)),
    "oras-py": Client(oras_py.start, ("oras-py",)),
}


@dataclass(frozen=True, slots=True)
class Missing:
    """Operations that clients have no command for, and why."""

    clients: tuple[str, ...]
    operations: tuple[Operation, ...]
    reason: str


ENGINES = ("docker", "podman", "buildah", "containerd", "containerd-2")
CARRIERS = ("skopeo", "crane", "oras", "regctl")
SIGNERS = ("notation", "cosign")

NOT_OFFERED = (
    Missing(("containerd", "containerd-2"), (Operation.LOGIN,), "ctr keeps no credentials: every command takes them"),
    Missing(
        ("docker", "buildah", "containerd", "containerd-2", "helm", "umoci", *SIGNERS),
        (Operation.LIST,),
        "it has no command that lists the tags of a registry",
    ),
    Missing((*ENGINES, "helm", "umoci", *SIGNERS), (Operation.DELETE,), "it deletes only what is on this machine"),
    Missing(
        ("docker", "podman", "buildah", "skopeo", "crane", "containerd", "containerd-2", "helm", "umoci", "notation"),
        (Operation.ATTACH,),
        "it pushes nothing that has a subject of one's choice",
    ),
    Missing(
        ("docker", "podman", "buildah", "skopeo", "crane", "containerd", "containerd-2", "helm", "umoci", "oras-py"),
        (Operation.DISCOVER,),
        "it does not ask for referrers",
    ),
    Missing(("notation",), (Operation.DISCOVER,), "it finds signatures only, which sign and verify proves"),
    Missing(
        (*ENGINES, *CARRIERS, "helm", "umoci", "oras-py"),
        (Operation.SIGN_AND_VERIFY,),
        "it signs nothing that the registry keeps; notation and cosign do",
    ),
    Missing((*ENGINES, *CARRIERS, "umoci", "oras-py", *SIGNERS), (Operation.CHART,), "it knows no charts; helm does"),
    Missing(
        ("umoci",),
        (Operation.MULTI_ARCH_COPY, Operation.MOUNT, Operation.SECOND_PULL),
        "it works on layouts; what skopeo carries for it is seen in skopeo's row",
    ),
    Missing(
        ("docker",),
        (Operation.MULTI_ARCH_COPY,),
        "its manifest command takes Docker's media types only, no index of OCI images",
    ),
    Missing(("oras-py",), (Operation.MULTI_ARCH_COPY, Operation.MOUNT), "the library does not copy"),
    Missing(("oras-py",), (Operation.SECOND_PULL,), "it keeps no store: it fetches what it is told to"),
    Missing(
        ("podman", "buildah", "skopeo", "umoci", "crane", "oras", "oras-py"),
        (Operation.RESUME,),
        "a broken layer is fetched again from its first byte",
    ),
    Missing(
        ("helm",),
        (Operation.PUSH, Operation.PULL, Operation.MULTI_ARCH_COPY, Operation.MOUNT, Operation.REFUSAL),
        "it moves charts, not images",
    ),
    Missing(("helm",), (Operation.RESUME, Operation.SECOND_PULL), "charts are small, and it keeps no store of them"),
    Missing(
        ("notation",),
        (Operation.MULTI_ARCH_COPY, Operation.MOUNT),
        "it moves signatures, not images",
    ),
    Missing(
        SIGNERS,
        (Operation.PUSH, Operation.PULL, Operation.RESUME, Operation.SECOND_PULL, Operation.REFUSAL),
        "it moves signatures, not images",
    ),
)


def reason_for(client: str, operation: Operation) -> str:
    """Return why a client is not tried with an operation, empty when it is."""
    reasons = [row.reason for row in NOT_OFFERED if client in row.clients and operation in row.operations]
    return "; ".join(reasons)
