# SPDX-License-Identifier: Apache-2.0
"""A Cloud Storage of Google with one bucket, in memory: the S3 of other tests, asked in Google's words."""

from collections.abc import Mapping
from dataclasses import replace

from tests.fakes.google.authority import PATHS
from tests.fakes.google.authority import Authority
from tests.fakes.s3.answers import Answer
from tests.fakes.s3.answers import Body
from tests.fakes.s3.answers import S3Error
from tests.fakes.s3.calls import Call
from tests.fakes.s3.server import S3Server
from tests.fakes.s3.signatures import UNSIGNED
from tests.fakes.s3.traits import SMALL_PARTS

_GENERATION = "x-goog-if-generation-match"


class GoogleServer(S3Server):
    """Knows tokens and addresses signed with RSA, and no signature of S3; tokens are given at the same URL."""

    def __init__(self) -> None:
        super().__init__(SMALL_PARTS)
        self.authority = Authority()

    def authorised(self, call: Call) -> str:
        """Look at the token, or the signed address; no body is signed."""
        self.authority.require(call)
        return UNSIGNED

    async def reply(self, call: Call, body: Body) -> Answer:
        """Do what is asked."""
        if call.path in PATHS:
            return self.authority.token(call, await body.read())
        if any(name.startswith("x-amz-") for name in call.headers):
            raise S3Error("InvalidArgument", "headers of another service")
        done = await super().reply(replace(call, headers=_in_words_of_s3(call.headers)), body)
        return replace(done, headers={name.replace("x-amz-", "x-goog-"): value for name, value in done.headers.items()})


def _in_words_of_s3(headers: Mapping[str, str]) -> dict[str, str]:
    said = {name.replace("x-goog-", "x-amz-"): value for name, value in headers.items() if name != _GENERATION}
    if _GENERATION in headers:
        if headers[_GENERATION] != "0":
            raise S3Error("NotImplemented", f"{_GENERATION} can only be 0")
        said["if-none-match"] = "*"
    return said
