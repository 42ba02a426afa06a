# SPDX-License-Identifier: Apache-2.0
"""Targets: names, digests, patterns, addresses and secrets, each of which is read back from what it is written as."""

import re

from entrepot.features.access.match import parse_pattern
from entrepot.features.grants.models import parse_grantee
from entrepot.features.identity.models import parse_user_name
from entrepot.features.identity.throttle import network_of
from entrepot.features.in_use.models import parse_cluster
from entrepot.features.in_use.models import parse_image
from entrepot.features.in_use.models import parse_running
from entrepot.features.labels.models import check_note
from entrepot.features.labels.models import parse_label_filter
from entrepot.features.labels.models import parse_labels
from entrepot.features.projects.models import parse_project_name
from entrepot.features.promotions.paths import parse_approver
from entrepot.features.promotions.paths import parse_path_address
from entrepot.features.promotions.paths import parse_path_name
from entrepot.features.quotas.sizes import parse_size
from entrepot.features.quotas.sizes import shown_size
from entrepot.features.robots.models import parse_robot_name
from entrepot.features.tokens.secret import CREDENTIAL_PREFIX
from entrepot.features.tokens.secret import digest_of_secret
from entrepot.features.tokens.secret import new_secret
from entrepot.features.tokens.secret import read_secret
from entrepot.infra.distribution.challenge import parse_challenges
from entrepot.infra.distribution.pace import MAX_RATE
from entrepot.infra.distribution.pace import parse_rate
from entrepot.infra.distribution.place_name import parse_place
from entrepot.infra.distribution.place_name import parse_registry_place
from entrepot.infra.events.pacing import next_time
from entrepot.infra.http.authority import host_name
from entrepot.infra.http.authority import parse_authority
from entrepot.infra.http.serving.open_connections import client_network
from entrepot.infra.remote.address import origin_of
from entrepot.infra.remote.address import require_safe
from entrepot.infra.remote.address import server_url
from entrepot.infra.remote.content import parse_content_reference
from entrepot.infra.remote.output import printable
from entrepot.infra.telemetry.redaction import redact_text
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import is_ulid
from entrepot.kernel.identifiers import new_ulid
from entrepot.oci.digest import parse_algorithm
from entrepot.oci.digest import parse_digest
from entrepot.oci.digest import subject_of_fallback_tag
from entrepot.oci.media_types import OCI_INDEX
from entrepot.oci.media_types import is_media_type
from entrepot.oci.reference import MAX_NAME_CHARACTERS
from entrepot.oci.reference import parse_reference
from entrepot.oci.reference import parse_repository_name
from entrepot.oci.reference import parse_tag
from entrepot.registry.gates import one_line
from tests.fuzz.inputs import DIGEST
from tests.fuzz.inputs import LONG_DIGEST
from tests.fuzz.inputs import from_shell
from tests.fuzz.inputs import near
from tests.fuzz.inputs import near_header
from tests.fuzz.target import Target
from tests.fuzz.target import target

NOW = Milliseconds(1_800_000_000_000)
SECRET = new_secret(CREDENTIAL_PREFIX, new_ulid())
NAMES = ("alpine", "team/app", "a.b_c__d---e/f", "team/sub/app")
ADDRESSES = ("192.0.2.1", "2001:db8::1", "::ffff:192.0.2.1", "fe80::1%eth0", "127.0.0.1", "::")


def _digest(text: str) -> None:
    algorithm, _, encoded = parse_digest(text).partition(":")
    assert bytes.fromhex(encoded).hex() == encoded
    assert parse_algorithm(algorithm) == algorithm


def _fallback_tag(text: str) -> None:
    found = subject_of_fallback_tag(text)
    assert found is None or text.startswith(f"{found.algorithm}-{found.encoded_prefix}")


def _repository_name(text: str) -> None:
    name = parse_repository_name(text)
    assert name == text
    assert name.isascii()
    assert len(name) <= MAX_NAME_CHARACTERS
    assert not re.search(r"\.\.|//|^/|/$|\s", name)


def _reference(text: str) -> None:
    reference = parse_reference(text)
    assert reference == text
    assert reference == (parse_digest(text) if ":" in text else parse_tag(text))


def _cluster(text: str) -> None:
    assert parse_cluster(text) == text
    assert text.isascii()
    assert " " not in text


def _running(text: str) -> None:
    running = parse_running(text)
    assert f"{running.repository}@{running.digest}" == text


def _image(text: str) -> None:
    image = parse_image(text)
    if image is not None:
        assert parse_repository_name(image.repository) == image.repository
        assert text.endswith(f"@{image.digest}")
        assert image.host in text


def _user_name(text: str) -> None:
    assert parse_user_name(text) == text
    assert text.isprintable()
    assert ":" not in text


def _project_name(text: str) -> None:
    name = parse_project_name(text)
    assert parse_repository_name(name) == text
    assert "/" not in name


def _robot_name(text: str) -> None:
    project, _ = parse_robot_name(text)
    assert text.startswith(project or "_.")


def _pattern(text: str) -> None:
    pattern = parse_pattern(text)
    for name in (*NAMES, text, text.replace("*", "a" * 50), "a/" * 100, "a" * MAX_NAME_CHARACTERS):
        if pattern.matches(name) and re.fullmatch(r"[a-z0-9./_-]+", name):
            assert pattern.reaches(name.partition("/")[0])
        if "*" not in text:
            assert pattern.matches(name) == (name == text)


def _size(text: str) -> None:
    size = parse_size(text)
    assert 0 <= parse_size(shown_size(size)) <= size
    assert parse_size(str(size)) == size


def _grantee(text: str) -> None:
    grantee = parse_grantee(text)
    assert parse_grantee(str(grantee)) == grantee


def _authority(text: str) -> None:
    authority = parse_authority(text)
    if authority is not None:
        assert parse_authority(str(authority)) == authority
        assert str(authority).isascii()
        assert not re.search(r"[\s/@\\]", str(authority))


def _host_name(text: str) -> None:
    assert host_name(host_name(text)) == host_name(text)


def _server_url(text: str) -> None:
    url = server_url(text)
    assert server_url(url) == url
    assert server_url(origin_of(url)) == origin_of(url)
    assert url.isascii()
    assert url.isprintable()
    require_safe(url, allows_plain_http=False)


def _path_name(text: str) -> None:
    assert parse_path_name(text) == text
    assert "/" not in text


def _path_address(text: str) -> None:
    assert "/".join(parse_path_address(text)) == text


def _approver(text: str) -> None:
    approver = parse_approver(text)
    assert parse_approver(str(approver)) == approver
    assert approver.kind in ("user", "group")


def _content_reference(text: str) -> None:
    reference = parse_content_reference(text)
    if reference.digest is not None:
        assert f"{reference.repository}@{reference.digest}" == text
    else:
        assert f"{reference.repository}:{reference.tag}" == text


def _secret(text: str) -> None:
    secret = read_secret(text)
    if secret is not None:
        assert secret.sha256 == digest_of_secret(text)
        assert is_ulid(secret.id)
    assert text == SECRET or secret is None


def _media_type(text: str) -> None:
    if is_media_type(text):
        assert text.isascii()
        assert text.count("/") == 1


def _network(text: str) -> None:
    assert client_network(client_network(text)) == client_network(text)


def _printed(text: str) -> None:
    assert "\x1b" not in printable(text)


def _labels(text: str) -> None:
    assert parse_labels({text: text[:63]}) == {text: text[:63]}
    assert text.isascii()
    assert text.isprintable()


def _label_filter(text: str) -> None:
    terms = parse_label_filter(text)
    written = ",".join(term.key if term.value is None else f"{term.key}={term.value}" for term in terms)
    assert parse_label_filter(written) == terms


def _note(text: str) -> None:
    assert check_note(check_note(text)) == text.strip()


def _place(text: str) -> None:
    place = parse_place(text)
    assert parse_place(str(place)) == place


def _registry_place(text: str) -> None:
    place = parse_registry_place(text)
    assert parse_registry_place(str(place)) == place


def _challenges(text: str) -> None:
    for each in parse_challenges(text):
        assert each.scheme


def _rate(text: str) -> None:
    assert 0 < parse_rate(text) <= MAX_RATE


def _one_line(text: str) -> None:
    line = one_line(text, 80)
    assert line.isprintable()
    assert len(line) <= 80


TARGETS: tuple[Target, ...] = (
    target("digest", parse_digest, near(DIGEST, LONG_DIGEST), _digest),
    target("digest algorithm", parse_algorithm, near("sha256", "sha512"), parse_algorithm),
    target("tag", parse_tag, near("latest", "v1.0_a-b", f"sha256-{DIGEST[7:]}.sig"), parse_tag),
    target(
        "fallback tag", subject_of_fallback_tag, near(f"sha256-{DIGEST[7:]}", f"sha256-{DIGEST[7:]}.sig"), _fallback_tag
    ),
    target("repository name", parse_repository_name, near(*NAMES), _repository_name),
    target("reference", parse_reference, near("latest", DIGEST), _reference),
    target("user name", parse_user_name, near("alice", "a.b-c_d", "alice@example.com"), _user_name),
    target("project name", parse_project_name, near("team", "a-b", "a.b"), _project_name),
    target("robot name", parse_robot_name, near("team.ci", "a.b.c"), _robot_name),
    target("path pattern", parse_pattern, near("alpine/**", "team-*/app", "**", "*a*b*c*/d", "a/*/b/**"), _pattern),
    target("grantee", parse_grantee, near("user:alice", "robot:team.ci", "alice"), _grantee),
    target("authority", parse_authority, near("registry.example:5000", "[::1]:443", "192.0.2.1"), _authority),
    target("host name", host_name, near("registry.example", "::1", "[2001:db8::1]:80"), _host_name),
    target(
        "server address",
        server_url,
        from_shell("registry.example", "https://a.example:5000/b", "[::1]:80"),
        _server_url,
    ),
    target("cluster", parse_cluster, near("production", "eu-1.prod_a"), _cluster),
    target("running", parse_running, near(f"team/app@{DIGEST}", f"alpine@{LONG_DIGEST}"), _running),
    target("image", parse_image, near(f"docker-pullable://registry:5000/team/app:1.0@{DIGEST}", DIGEST), _image),
    target("name of a path", parse_path_name, near("release", "to-prod.2"), _path_name),
    target("path of promotions", parse_path_address, near("prod/release", "team-a/to.b"), _path_address),
    target("approver", parse_approver, near("ada", "user:ada", "group:release"), _approver),
    target("content", parse_content_reference, from_shell("team/app:1.0", f"team/app@{DIGEST}"), _content_reference),
    target("size", parse_size, near("50GB", "1.5 TiB", "1000", "9PB"), _size),
    target("secret", read_secret, near(SECRET, "ent_", "entr_01JD2F7ZK3Q8V5T6X9Y0B1C2D4_"), _secret),
    target("digest of a secret", digest_of_secret, near(SECRET), digest_of_secret),
    target("ulid", is_ulid, near(new_ulid(), "7" * 26), is_ulid),
    target("media type", is_media_type, near(OCI_INDEX, "a/b", "application/vnd.a+json"), _media_type),
    target("client network", client_network, near(*ADDRESSES), _network),
    target("throttled network", network_of, near(*ADDRESSES), network_of),
    target(
        "schedule",
        next_time,
        near("0 3 * * *", "*/10 * * * *", "0 0 29 2 *", "0 0 L * MON#1"),
        lambda text: next_time(text, NOW),
    ),
    target(
        "redaction",
        redact_text,
        near(SECRET, f"Authorization: Bearer {SECRET}", "password=a b", "https://u:p@h/"),
        redact_text,
    ),
    target("terminal", printable, near("\x1b[31mred\x1b[0m", "a\nb", "\x9b31m"), _printed),
    target(
        "place",
        parse_place,
        from_shell("docker://a.example/team/app:1.0", f"oci:a/b@{DIGEST}", "docker-archive:a.tar:team/app:1.0"),
        _place,
    ),
    target("place in a registry", parse_registry_place, near(f"localhost:5000/team/app:1.0@{DIGEST}"), _registry_place),
    target(
        "challenges",
        parse_challenges,
        near_header('Basic realm="x", Bearer realm="https://a.example/token",service=a,scope="repository:a:pull"'),
        _challenges,
    ),
    target("rate", parse_rate, near("10M", "1.5 MiB/s", "500k"), _rate),
    target("labels", parse_labels, near("stage", "example.com/stage", "a.b-c_d"), _labels),
    target("label filter", parse_label_filter, near("stage=test,team", "a.b/c=,d"), _label_filter),
    target("note", check_note, near("fine", "# A\n* b"), _note),
    target("one line", one_line, near("a\nb", "not allowed: too old"), _one_line),
)
