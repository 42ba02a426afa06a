# SPDX-License-Identifier: Apache-2.0
"""Clients that log in with a secret or a token instead of a password."""

import base64

from tests.builders.application import Application
from tests.builders.application import Client


def basic(application: Application, name: str, secret: str) -> Client:
    """Be somebody who sends a name and a secret with each request."""
    credentials = base64.b64encode(f"{name}:{secret}".encode()).decode()
    return Client(application.server, (("authorization", f"Basic {credentials}"),))


def bearer(application: Application, token: str) -> Client:
    """Be somebody who sends a token with each request."""
    return Client(application.server, (("authorization", f"Bearer {token}"),))


async def fetched(application: Application, client: Client, *scopes: str) -> Client:
    """Be somebody who fetched a registry token for `scopes` first."""
    query = "&".join(["service=entrepot", *(f"scope={scope}" for scope in scopes)])
    answer = await client.get(f"/auth/token?{query}")
    assert answer.status == 200, answer.body
    return bearer(application, answer.json["token"])
