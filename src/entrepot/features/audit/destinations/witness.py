# SPDX-License-Identifier: Apache-2.0
"""Another Entrepot as a witness: it keeps checkpoints, gives them back, and tells when they contradict each other."""

import json
from base64 import b64encode
from collections.abc import AsyncIterator
from collections.abc import Sequence

from entrepot.features.audit.destinations.interface import Destination
from entrepot.features.audit.destinations.interface import Line
from entrepot.features.audit.destinations.interface import NotDelivered
from entrepot.features.audit.destinations.secret import Secret
from entrepot.features.audit.destinations.web_server import WebServer

PATH = "/api/v1/audit/witnessed"
PAGE = 500
MAX_PAGE_BYTES = 8 * 1024 * 1024


class WitnessDestination(Destination):
    """Leaves checkpoints there as a robot, under whose name they are kept. `prefix` is where that API begins."""

    def __init__(self, server: WebServer, prefix: str, login: str, secret: Secret) -> None:
        self._server = server
        self._path = f"{prefix.rstrip('/')}{PATH}"
        self._login = login
        self._secret = secret

    async def send(self, lines: Sequence[Line]) -> None:
        """Leave them there."""
        body = json.dumps({"checkpoints": [line.token for line in lines]}).encode()
        headers = await self._headers()
        await self._server.ask("POST", self._path, body, {"Content-Type": "application/json", **headers})

    async def read(self) -> AsyncIterator[str]:
        """Yield every checkpoint that was left there. Raises `NotDelivered`."""
        target = f"{self._path}?limit={PAGE}"
        while target:
            answer = await self._server.ask("GET", target, b"", await self._headers(), MAX_PAGE_BYTES)
            try:
                for item in json.loads(answer.body)["items"]:
                    yield str(item["token"])
            except (ValueError, KeyError, TypeError, RecursionError) as error:
                raise NotDelivered("the witness answers what no Entrepot does") from error
            asked, target = target, answer.headers.get("link", "").removesuffix('>; rel="next"').removeprefix("<")
            if target == asked:
                raise NotDelivered("the list of the witness does not go on: it names the same place twice")

    async def close(self) -> None:
        """Close the connections."""
        await self._server.close()

    async def _headers(self) -> dict[str, str]:
        login = f"{self._login}:{await self._secret.read()}".encode()
        return {"Authorization": f"Basic {b64encode(login).decode()}"}
