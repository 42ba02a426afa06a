# SPDX-License-Identifier: Apache-2.0
"""The text of server-sent events (WHATWG HTML section 9.2.6)."""


def message(data: str, *, event: str, last: str = "") -> bytes:
    """Make one message: `data` is one line, `event` its name, and `last` what a client that lost us sends back.

    Without `last` a client goes on to send what it had before.
    """
    place = f"id: {last}\n" if last else ""
    return f"event: {event}\n{place}data: {data}\n\n".encode()


def opening(*, last: str, retry_ms: int) -> bytes:
    """Make the beginning of a stream: where it begins, and how long a client waits before it comes back."""
    return f"retry: {retry_ms}\nid: {last}\n\n".encode()


def heartbeat(*, last: str) -> bytes:
    """Make what no client shows: it keeps the connection open, and moves the place to resume from."""
    return f":\nid: {last}\n\n".encode()
