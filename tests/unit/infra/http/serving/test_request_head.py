# SPDX-License-Identifier: Apache-2.0
"""Request targets and framing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.infra.http.serving.refusal import Refusal
from entrepot.infra.http.serving.request_head import Target
from entrepot.infra.http.serving.request_head import body_length
from entrepot.infra.http.serving.request_head import parse_target


@pytest.mark.parametrize(
    ("url", "target"),
    [
        (b"/", Target(b"/", b"", b"")),
        (b"/v2/?n=1?x", Target(b"/v2/", b"n=1?x", b"")),
        (b"//evil/v2/", Target(b"//evil/v2/", b"", b"")),
        (b"*", Target(b"*", b"", b"")),
        (b"http://a:1/v2/?n=1", Target(b"/v2/", b"n=1", b"a:1")),
        (b"HTTPS://[::1]:5000", Target(b"/", b"", b"[::1]:5000")),
        (b"http://a?b=/c", Target(b"/", b"b=/c", b"a")),
    ],
)
def test_a_target_is_taken_apart(url: bytes, target: Target) -> None:
    """Origin, asterisk and absolute form are understood; a path with two slashes is a path."""
    assert parse_target(url) == target


@pytest.mark.parametrize("url", [b"a:1", b"http:///x", b"http://u@h/", b"ftp://a/", b"x", b"", b"/\xff", b"http://a#b"])
def test_any_other_target_is_refused(url: bytes) -> None:
    """Authority form, users, fragments, other schemes and raw bytes get 400."""
    with pytest.raises(Refusal) as refusal:
        parse_target(url)
    assert refusal.value.status == 400


@given(st.binary(max_size=200))
def test_any_bytes_are_a_target_or_refused(url: bytes) -> None:
    """Nothing else is raised, and a path begins with a slash."""
    try:
        target = parse_target(url)
    except Refusal:
        return
    assert target.path.startswith((b"/", b"*"))


@pytest.mark.parametrize(
    ("fields", "length"),
    [
        ([], 0),
        ([(b"content-length", b"12 ")], 12),
        ([(b"transfer-encoding", b"CHUNKED")], None),
    ],
)
def test_the_framing_tells_the_length(fields: list[tuple[bytes, bytes]], length: int | None) -> None:
    """None is a body in chunks."""
    assert body_length("1.1", [(b"host", b"h"), *fields]) == length
