# SPDX-License-Identifier: Apache-2.0
"""Images as clusters name them."""

import pytest

from entrepot.features.in_use.models import Image
from entrepot.features.in_use.models import parse_image
from entrepot.oci.digest import Digest
from entrepot.oci.reference import RepositoryName

DIGEST = Digest(f"sha256:{'0' * 64}")


@pytest.mark.parametrize(
    ("text", "host", "repository"),
    [
        (f"registry.example/team/app@{DIGEST}", "registry.example", "team/app"),
        (f"docker-pullable://registry.example:5000/team/app@{DIGEST}", "registry.example:5000", "team/app"),
        (f"localhost/team/app:1.0@{DIGEST}", "localhost", "team/app"),
        (f"team/app@{DIGEST}", "", "team/app"),
        (f"alpine:3.20@{DIGEST}", "", "alpine"),
    ],
)
def test_an_image_is_read(text: str, host: str, repository: str) -> None:
    """Whatever stands before it and between name and digest."""
    assert parse_image(text) == Image(host, RepositoryName(repository), DIGEST)


@pytest.mark.parametrize(
    "text", ["", "team/app:1.0", DIGEST, "team/app@sha256:short", f"Team/App@{DIGEST}", "@", "://@"]
)
def test_what_names_no_digest_is_left_out(text: str) -> None:
    """Such as an image that was built on the node."""
    assert parse_image(text) is None
