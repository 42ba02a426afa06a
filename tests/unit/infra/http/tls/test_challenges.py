# SPDX-License-Identifier: Apache-2.0
"""The plain port: challenges and redirects."""

from pathlib import Path

import pytest

from entrepot.infra.http.tls.challenges import ChallengeApplication
from entrepot.infra.http.tls.challenges import Challenges
from tests.unit.infra.http.serving.site import Answer
from tests.unit.infra.http.serving.site import serving

HOSTS = frozenset({"registry.test"})


@pytest.fixture
def challenges(tmp_path: Path) -> Challenges:
    """Two challenges that are open, and a file that is none."""
    (tmp_path / "secret").write_text("secret")
    made = Challenges(tmp_path / "challenges")
    made.publish("to-ken_1", "to-ken_1.thumbprint")
    return made


async def ask(challenges: Challenges, path: str, host: str = "registry.test", port: int = 443) -> Answer:
    """GET a path of the plain port."""
    async with serving(ChallengeApplication(challenges, HOSTS, port)) as site, site.peer() as peer:
        return await peer.ask(f"GET {path} HTTP/1.1\r\nhost: {host}\r\n\r\n".encode())


@pytest.mark.anyio
async def test_an_open_challenge_is_answered(challenges: Challenges) -> None:
    """For any host: an authority may ask by a name that leads here."""
    answer = await ask(challenges, "/.well-known/acme-challenge/to-ken_1", host="elsewhere.test")

    assert (answer.status, answer.body) == (200, b"to-ken_1.thumbprint")


@pytest.mark.anyio
@pytest.mark.parametrize("token", ["other", "", "..%2Fsecret", "../secret", "to-ken_1/"])
async def test_nothing_else_is_answered_there(challenges: Challenges, token: str) -> None:
    """A token that is not open, and none that leads out of the folder."""
    answer = await ask(challenges, f"/.well-known/acme-challenge/{token}")

    assert answer.status == 404


@pytest.mark.anyio
@pytest.mark.parametrize(("port", "location"), [(443, "https://registry.test"), (5000, "https://registry.test:5000")])
async def test_everything_else_is_sent_to_https(challenges: Challenges, port: int, location: str) -> None:
    """To the same path and query, with the method kept."""
    answer = await ask(challenges, "/v2/%41?n=1", host="Registry.test:80", port=port)

    assert (answer.status, answer.headers["location"]) == (308, f"{location}/v2/%41?n=1")


@pytest.mark.anyio
async def test_nobody_is_sent_to_another_host(challenges: Challenges) -> None:
    """A host that is not one of the certificate's is refused."""
    answer = await ask(challenges, "/", host="evil.test")

    assert (answer.status, "location" in answer.headers) == (421, False)


def test_what_was_answered_is_forgotten(challenges: Challenges) -> None:
    """Once the order is done."""
    challenges.clear()

    assert challenges.answer("to-ken_1") is None


@pytest.mark.parametrize("token", ["", "../secret", "a/b", "a" * 129])
def test_a_token_that_is_none_is_not_published(challenges: Challenges, token: str) -> None:
    """The authority does not choose where files are written."""
    with pytest.raises(ValueError, match="not base64url"):
        challenges.publish(token, "answer")
