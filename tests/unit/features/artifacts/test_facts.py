# SPDX-License-Identifier: Apache-2.0
"""Facts about artifacts."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.features.artifacts.facts import MAX_CONFIG_BYTES
from entrepot.features.artifacts.facts import MAX_LABELS
from entrepot.features.artifacts.facts import MAX_TEXT_CHARACTERS
from entrepot.features.artifacts.facts import facts_of
from entrepot.features.artifacts.models import ArtifactFacts
from entrepot.features.artifacts.models import ArtifactType
from entrepot.features.artifacts.models import Layer
from entrepot.oci.descriptor import MAX_SIZE_BYTES
from entrepot.oci.descriptor import Platform
from entrepot.oci.digest import digest_of
from entrepot.oci.manifest import parse_manifest
from entrepot.oci.media_types import OCI_FOREIGN_LAYER
from entrepot.oci.media_types import OCI_LAYER_GZIP
from tests.builders.manifests import A_CONFIG
from tests.builders.manifests import A_LAYER
from tests.builders.manifests import BuiltManifest
from tests.builders.manifests import a_descriptor
from tests.builders.manifests import an_image_manifest
from tests.builders.manifests import an_index

AMD64 = {"os": "linux", "architecture": "amd64"}
ARM64 = {"os": "linux", "architecture": "arm64", "variant": "v8"}
CHART_CONFIG = "application/vnd.cncf.helm.config.v1+json"


def objects(values: st.SearchStrategy[object]) -> st.SearchStrategy[dict[str, object]]:
    """Draw objects with the names that an image configuration has, and anything in them."""
    names = ["config", "Labels", "history", "created_by", "empty_layer", "created", "os", "architecture", "name"]
    return st.dictionaries(st.sampled_from(names) | st.text(max_size=3), values, max_size=5)


scalars = st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.just("2024-01-02T03:04:05Z")
anything = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | objects(inner), max_leaves=12)


def facts(built: BuiltManifest, config: object = None) -> ArtifactFacts:
    """Gather the facts of what a builder made, with a configuration given as data, bytes or not at all."""
    content = config if config is None or isinstance(config, bytes) else json.dumps(config).encode()
    return facts_of(parse_manifest(built.payload, built.media_type), content)


def test_an_image_says_where_it_runs_and_what_it_is_called() -> None:
    """Platform, creation and labels come from the configuration, and labels fill what annotations do not say."""
    labels = {"org.opencontainers.image.title": "shop", "org.opencontainers.image.version": "1.0", "team": "web"}
    config = {**ARM64, "os.version": "6.1", "created": "1970-01-01T00:00:01.5Z", "config": {"Labels": labels}}
    built = an_image_manifest(annotations={"org.opencontainers.image.version": "1.1"})

    found = facts(built, config)

    assert found.type is ArtifactType.IMAGE
    assert found.platforms == (Platform("linux", "arm64", "v8", "6.1"),)
    assert found.created == 1_500
    assert found.labels == labels
    assert (found.title, found.version, found.description) == ("shop", "1.1", "")
    assert found.config_digest == digest_of(A_CONFIG)


def test_layers_are_shown_with_the_commands_that_made_them() -> None:
    """Entries of the history that made no layer are passed over."""
    history = [
        {"created_by": "ADD base"},
        {"created_by": "ENV a=b", "empty_layer": True},
        {"created_by": "RUN make", "empty_layer": False},
    ]
    built = an_image_manifest(layers=[a_descriptor(b"base"), a_descriptor(b"built!")])

    assert facts(built, {"history": history}).layers == (
        Layer(digest_of(b"base"), 4, OCI_LAYER_GZIP, "ADD base"),
        Layer(digest_of(b"built!"), 6, OCI_LAYER_GZIP, "RUN make"),
    )


@pytest.mark.parametrize("history", [None, [], [{"created_by": "one"}, {"created_by": "two"}], [7], "RUN make"])
def test_no_command_is_shown_when_the_history_does_not_fit(history: object) -> None:
    """With fewer or more entries than layers, nobody knows which belongs to which."""
    (layer,) = facts(an_image_manifest(), {"history": history}).layers

    assert layer.command == ""


def test_the_size_counts_each_blob_once() -> None:
    """Configuration, layers and foreign layers are added up, repeated ones once."""
    foreign = a_descriptor(b"elsewhere", OCI_FOREIGN_LAYER, size=1_000)
    built = an_image_manifest(layers=[a_descriptor(), foreign, a_descriptor()])

    assert facts(built).total_size == len(A_CONFIG) + len(A_LAYER) + 1_000


def test_a_size_beyond_what_can_be_stored_is_cut() -> None:
    """Two layers that claim the largest size do not overflow a column."""
    layers = [a_descriptor(content, size=MAX_SIZE_BYTES) for content in (b"1", b"2")]

    assert facts(an_image_manifest(layers=layers)).total_size == MAX_SIZE_BYTES


def test_an_index_lists_the_platforms_of_its_children() -> None:
    """Each platform is listed once, in order; attestations run nowhere and are left out."""
    image = an_image_manifest()
    stated = [AMD64, ARM64, AMD64, {"os": "unknown", "architecture": "unknown"}, None, {}]

    found = facts(an_index(*(image.descriptor(platform=platform) for platform in stated)))

    assert [str(platform) for platform in found.platforms] == ["linux/amd64", "linux/arm64/v8"]
    assert found.type is ArtifactType.INDEX
    assert found.total_size == 0


def test_a_chart_has_a_name_and_a_version() -> None:
    """Helm's configuration is the chart's own description."""
    annotations = {"org.opencontainers.image.created": "2024-05-06T07:08:09+02:00"}
    built = an_image_manifest(config=a_descriptor(b"{}", CHART_CONFIG), annotations=annotations)

    found = facts(built, {"name": "shop", "version": "1.2.3", "description": "Sells things", "os": "linux"})

    assert found.type is ArtifactType.CHART
    assert (found.chart_name, found.chart_version) == ("shop", "1.2.3")
    assert (found.title, found.version, found.description) == ("shop", "1.2.3", "Sells things")
    assert found.created == 1_714_972_089_000
    assert found.platforms == ()


def test_only_charts_have_a_chart_name() -> None:
    """A `name` in the configuration of an image is not one."""
    found = facts(an_image_manifest(), {"name": "shop", "version": "1", "description": "no chart"})

    assert (found.chart_name, found.chart_version, found.title, found.description) == ("", "", "", "")


@pytest.mark.parametrize(
    ("created", "moment"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("2024-01-02T03:04:05.123456789Z", 1_704_164_645_123),
        ("0001-01-01T00:00:00Z", None),
        ("0001-01-01T00:00:00+23:59", None),
        ("9999-12-31T23:59:59-23:59", 253_402_387_139_000),
        ("2024-01-02T03:04:05", None),
        ("yesterday", None),
        ("", None),
        (17, None),
    ],
)
def test_a_creation_time_is_a_moment_or_unknown(created: object, moment: int | None) -> None:
    """Nanoseconds are cut; times without a zone, Go's zero time and other things tell nothing."""
    assert facts(an_image_manifest(), {"created": created}).created == moment


@pytest.mark.parametrize(
    "config",
    [
        None,
        b"",
        b"not json",
        b"[]",
        b"\xff",
        b"[" * 1_000_000,
        b'{"os": "linux", "os": "windows"}',
        b'{"os": "linux", "pad": "' + b"x" * MAX_CONFIG_BYTES + b'"}',
        b'{"os": 1, "architecture": [], "config": {"Labels": ["a"]}, "history": {"a": 1}, "created": {}}',
        b'{"config": "x", "history": [null, 3]}',
    ],
)
def test_a_hostile_configuration_tells_nothing(config: bytes | None) -> None:
    """What is no configuration, too large or of the wrong types leaves the facts of the manifest."""
    found = facts(an_image_manifest(), config)

    assert found == facts(an_image_manifest(), b"{}")
    assert found.type is ArtifactType.IMAGE


def test_texts_are_cut_and_hold_no_nul() -> None:
    """Labels are bounded in number and length, and every database can store them."""
    labels = {"a\0b": "x\0" * MAX_TEXT_CHARACTERS, "wrong": 1} | {str(number): "" for number in range(MAX_LABELS)}

    found = facts(an_image_manifest(), {"config": {"Labels": labels}}).labels

    assert len(found) == MAX_LABELS
    assert found["ab"] == "x" * (MAX_TEXT_CHARACTERS // 2)
    assert "wrong" not in found


@given(objects(anything))
def test_any_configuration_gives_facts(config: dict[str, object]) -> None:
    """Facts can be gathered and stored whatever the configuration holds, and never say more than the manifest lists."""
    found = facts(an_image_manifest(), config)

    assert len(found.layers) == 1
    assert "\0" not in "".join([*found.labels, *found.labels.values(), *map(str, found.platforms), found.title])
