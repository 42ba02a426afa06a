# SPDX-License-Identifier: Apache-2.0
"""What deleting gives back, told before it is done: how many bytes, when, and what holds the rest."""

import re

from playwright.sync_api import Locator
from playwright.sync_api import expect

from entrepot.oci.media_types import OCI_CONFIG
from tests.builders.manifests import BuiltManifest
from tests.builders.manifests import a_descriptor
from tests.builders.manifests import an_image_manifest
from tests.builders.manifests import an_index
from tests.e2e.browser import Person
from tests.e2e.content import short
from tests.e2e.content import wait_until_examined
from tests.e2e.registry import Registry

KIB = 1024
CONFIG = b"{}"
BASE = b"b" * 300 * KIB


def push(registry: Registry, repository: str, tag: str, *layers: bytes) -> BuiltManifest:
    """Push an image of these layers, with a configuration of its own."""
    config = CONFIG + f" {repository}:{tag}".encode()
    for content in (config, *layers):
        registry.push_blob(repository, content)
    image = an_image_manifest(config=a_descriptor(config, OCI_CONFIG), layers=[a_descriptor(layer) for layer in layers])
    registry.push_manifest(repository, image, tag)
    wait_until_examined(registry, repository, image.digest)
    return image


def asked(person: Person, repository: str, digest: str) -> Locator:
    """Ask to delete an artifact; return the question."""
    person.go(f"/repositories/{repository}/-/artifacts/{digest}")
    person.choose("Manage", "Delete the artifact")
    return person.page.get_by_role("dialog", name="Delete this artifact?")


def test_an_artifact_that_shares_nothing_gives_all_its_bytes_back(admin: Person, registry: Registry) -> None:
    """To the byte, and from when on."""
    image = push(registry, "alone/app", "1.0", b"a" * 123_456)

    question = asked(admin, "alone/app", image.digest)

    told = f"({123_456 + len(CONFIG + b' alone/app:1.0'):,} bytes) are given back after "
    expect(question).to_contain_text(re.compile(re.escape(told) + r"\w+ \d+, \d{4}"))
    expect(question.get_by_text("The rest of it stays")).to_have_count(0)
    admin.look("promise-all")


def test_a_layer_of_another_artifact_stays(admin: Person, registry: Registry) -> None:
    """The question says which artifact needs it, and how much that is."""
    image = push(registry, "team/app", "1.0", BASE, b"1" * 20 * KIB)
    other = push(registry, "team/app", "2.0", BASE, b"2" * 20 * KIB)

    question = asked(admin, "team/app", image.digest)

    expect(question).to_contain_text("20 KiB (20,495 bytes) are given back")
    expect(question).to_contain_text("The rest of it stays, because it is needed:")
    expect(question).to_contain_text("1 part, 300 KiB, by another artifact here")
    expect(question).to_contain_text(short(other.digest))
    admin.look("promise-rest-stays")


def test_a_layer_of_another_repository_stays(admin: Person, registry: Registry) -> None:
    """Which one that is, is not told."""
    shared = b"s" * 150 * KIB
    image = push(registry, "open/app", "1.0", shared)
    push(registry, "vault/keys", "1.0", shared)

    question = asked(admin, "open/app", image.digest)

    expect(question).to_contain_text("1 part, 150 KiB, by another repository")
    expect(question.get_by_text("vault")).to_have_count(0)
    admin.look("promise-other-repository")


def test_an_entry_of_an_index_gives_nothing_back(admin: Person, registry: Registry) -> None:
    """Whoever pulls by the index needs it, as long as there is that index."""
    image = push(registry, "multi/app", "1.0-amd64", b"m" * 90 * KIB)
    index = an_index(image.descriptor(platform={"os": "linux", "architecture": "amd64"}))
    registry.push_manifest("multi/app", index, "1.0")
    wait_until_examined(registry, "multi/app", index.digest)

    question = asked(admin, "multi/app", image.digest)

    expect(question).to_contain_text("No space is given back, because all of it is needed:")
    expect(question).to_contain_text("by an image index")
    admin.look("promise-nothing")
