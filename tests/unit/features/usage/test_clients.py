# SPDX-License-Identifier: Apache-2.0
"""Clients are told apart by what they call themselves."""

import pytest
from hypothesis import given
from hypothesis import strategies

from entrepot.features.usage.clients import ClientFamily
from entrepot.features.usage.clients import family_of

AGENTS = [
    ("docker/27.3.1 go/go1.22.7 git-commit/41ca978 kernel/6.8.0 os/linux arch/amd64 UpstreamClient(x)", "docker"),
    ("containerd/1.7.22", "containerd"),
    ("containers/5.32.2 (github.com/containers/image)", "podman"),
    ("libpod/5.2.3", "podman"),
    ("skopeo/1.16.1", "skopeo"),
    ("oras/1.2.0", "oras"),
    ("Helm/3.16.2", "helm"),
    ("crane/0.20.2 go-containerregistry/0.20.2", "crane"),
    ("regclient/regctl (v0.7.2)", "regctl"),
    ("buildkit/v0.16.0", "buildkit"),
    ("cri-o/1.31.0 go/go1.22 os/linux arch/amd64", "kubernetes"),
    ("kubelet/v1.31.0 (linux/amd64) kubernetes/9edcffc", "kubernetes"),
    ("curl/8.9.1", "curl"),
    ("python-requests/2.32.3", "python"),
    ("Python-urllib/3.12", "python"),
    ("Go-http-client/2.0", "go"),
    ("Mozilla/5.0 (X11; Linux x86_64)", "other"),
    ("", "other"),
]


@pytest.mark.parametrize(("agent", "family"), AGENTS)
def test_each_client_has_its_family(agent: str, family: str) -> None:
    """By the first product in the header that is known."""
    assert family_of(agent) == family


@given(agent=strategies.text())
def test_whatever_a_client_calls_itself_has_a_family(agent: str) -> None:
    """A header is text from strangers."""
    assert family_of(agent) in ClientFamily
