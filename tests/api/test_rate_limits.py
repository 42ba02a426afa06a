# SPDX-License-Identifier: Apache-2.0
"""Rate limits through the whole application: who is counted for what, and what a refusal says."""

from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path

import pytest

from entrepot.features.rate_limits import RateLimitSettings
from entrepot.features.system import Presence
from entrepot.kernel.clock import SECOND_MS
from tests.builders.application import Answer
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.application import an_application
from tests.builders.logins import basic
from tests.fakes.settable_clock import SettableClock

pytestmark = pytest.mark.anyio

FEW_LOGINS = {"address_per_second": 1, "address_burst": 2}
FEW = {**FEW_LOGINS, "identity_per_second": 1, "identity_burst": 3}
NO_LOGINS = {"address_per_second": 0}
FREE = {**NO_LOGINS, "identity_per_second": 0}
PROXY = "192.0.2.0/24"
"""The network that the clients of an application connect from."""
EXEMPT_NETWORKS = ["203.0.113.0/24", "2001:db8::/32"]

ASKING = {
    "read": ("GET", "/v2/team/app/tags/list"),
    "write": ("POST", "/v2/team/app/blobs/uploads/"),
    "referrers": ("GET", f"/v2/team/app/referrers/sha256:{'0' * 64}"),
    "token": ("GET", "/auth/token?scope=repository:team/app:pull"),
}
"""A request of each class."""


@pytest.fixture
def clock() -> SettableClock:
    """Time that goes by when a test says so."""
    return SettableClock()


def limiting(*classes: str, trusted: bool = False, **others: object) -> pytest.MarkDecorator:
    """Let the application of a test limit these classes to few requests, and no others."""
    free = dict.fromkeys(ASKING, FREE) | {"login": NO_LOGINS}
    few = dict.fromkeys(classes, FEW) | ({"login": FEW_LOGINS} if "login" in classes else {})
    settings = RateLimitSettings.model_validate({**free, **few, **others})
    return pytest.mark.parametrize("application", [(settings, trusted)], ids=["+".join(classes)], indirect=True)


@pytest.fixture
def application(request: pytest.FixtureRequest, tmp_path: Path, clock: SettableClock) -> Iterator[Application]:
    """Hold an application with these limits, behind a proxy that is trusted or not."""
    settings, is_trusted = request.param
    proxies = [PROXY] if is_trusted else []
    with an_application(tmp_path, clock=clock, rate_limits=settings, trusted_proxies=proxies) as application:
        yield application


def at(client: Client, address: str) -> Client:
    """Be the same somebody at another address, behind a proxy."""
    return Client(client.server, (*client.headers, ("x-forwarded-for", address)))


async def statuses(client: Client, times: int, request: tuple[str, str] = ASKING["read"]) -> list[int]:
    """Send a request so often, and return what was answered."""
    return [(await client.send(*request)).status for _ in range(times)]


async def refused(client: Client, request: tuple[str, str]) -> Answer:
    """Send a request until it is too much."""
    for _ in range(10):
        answer = await client.send(*request)
        if answer.status == 429:
            return answer
    raise AssertionError(f"{request} was never refused")


@pytest.mark.parametrize("asked", ASKING)
@limiting(*ASKING)
async def test_each_class_has_a_limit_of_its_own(application: Application, asked: str) -> None:
    """Whoever used up one class is refused there, and may send all others."""
    alice = await application.user("alice", ("team/**", "admin"))
    answers = await statuses(alice, 4, ASKING[asked])
    others = [await statuses(alice, 3, ASKING[other]) for other in ASKING if other != asked]

    assert 429 not in answers[:3]
    assert answers[3] == 429
    assert 429 not in [status for each in others for status in each]


@limiting("read", "write")
async def test_the_management_api_counts_as_the_registry_does(application: Application) -> None:
    """What reads count is one count, on `/v2` and on `/api`; and so for what writes."""
    alice = await application.user("alice", ("team/**", "admin"))
    reads = [*await statuses(alice, 2), *await statuses(alice, 2, ("GET", "/api/v1/projects"))]
    deletes = ("DELETE", "/api/v1/projects/none")
    writes = [*await statuses(alice, 3, ASKING["write"]), *await statuses(alice, 1, deletes)]

    assert reads[2:] == [200, 429]
    assert writes == [202, 202, 202, 429]


@limiting("write")
async def test_what_is_answered_without_asking_who_sent_it_counts_for_the_address(application: Application) -> None:
    """A body that is not valid is refused first, and endlessly many are not."""
    alice = await application.user("alice", ("team/**", "admin"))
    answers = await statuses(alice, 3, ("POST", "/api/v1/projects"))
    valid = await alice.post("/api/v1/projects", {"name": "team"})

    assert answers == [400, 400, 429]
    assert valid.status != 429


@limiting("read")
async def test_who_is_logged_in_counts_for_themselves(application: Application) -> None:
    """Neither a busy neighbour behind one address, nor those without a login there, take anything from alice."""
    alice = await application.user("alice", ("team/**", "admin"))
    bob = await application.user("bob", ("team/**", "admin"))
    everybody = [*await statuses(bob, 4), *await statuses(application.anonymous(), 3)]
    answers = await statuses(alice, 3)

    assert (everybody[3], everybody[6]) == (429, 429)
    assert 429 not in answers


@limiting("read", trusted=True)
async def test_an_identity_is_one_at_every_address(application: Application) -> None:
    """Many machines of one account share its limit."""
    alice = await application.user("alice", ("team/**", "admin"))
    answers = [await statuses(at(alice, f"203.0.113.{each}"), 1) for each in range(4)]

    assert answers[3] == [429]


@limiting("read", trusted=True)
async def test_those_without_a_login_count_by_address(application: Application) -> None:
    """An IPv4 address is one client, and so are the first 64 bits of an IPv6 address."""
    nobody = application.anonymous()
    first = [*await statuses(at(nobody, "203.0.113.7"), 3), *await statuses(at(nobody, "203.0.113.8"), 1)]
    sixth = [await statuses(at(nobody, f"2001:db8:0:{net}::{each}"), 1) for net, each in ((1, 1), (1, 2), (1, 3))]
    other = await statuses(at(nobody, "2001:db8:0:2::1"), 1)

    assert first == [401, 401, 429, 401]
    assert [*sixth, other] == [[401], [401], [429], [401]]


@limiting("read")
async def test_a_forged_address_is_no_other_address(application: Application) -> None:
    """What a client says about its address changes nothing where it is no proxy that is trusted."""
    forged = [await statuses(at(application.anonymous(), f"203.0.113.{each}"), 1) for each in range(3)]

    assert forged == [[401], [401], [429]]


@limiting("read")
async def test_credentials_that_are_no_good_count_for_the_address(application: Application) -> None:
    """Whoever guesses is nobody, and takes from what those without a login have there."""
    guesser = Client(application.server, (("authorization", "Bearer made-up"),))
    guesses = [*await statuses(guesser, 2), *await statuses(guesser, 1, ("GET", "/api/v1/projects"))]
    nobody = await statuses(application.anonymous(), 1, ("GET", "/api/v1/projects"))

    assert [*guesses, *nobody] == [401, 401, 429, 429]


@limiting("read")
async def test_time_forgives(application: Application, clock: SettableClock) -> None:
    """After as long as the refusal says there is room for one more, and a refusal costs nothing."""
    nobody = application.anonymous()
    answer = await refused(nobody, ASKING["read"])
    await statuses(nobody, 5)
    clock.advance(int(answer.header("retry-after")) * SECOND_MS)
    answers = await statuses(nobody, 2)

    assert answers == [401, 429]


@limiting("read", trusted=True, exempt_networks=EXEMPT_NETWORKS, exempt_principals=["user:alice"])
async def test_exempt_networks_and_identities_are_not_counted(application: Application) -> None:
    """Neither whoever sends from such a network, nor who has proved to be such an identity."""
    alice = await application.user("alice", ("team/**", "admin"))
    bob = await application.user("bob", ("team/**", "admin"))
    clients = [at(bob, "203.0.113.7"), at(application.anonymous(), "2001:db8::1"), alice]
    answers = [status for client in clients for status in await statuses(client, 9)]
    counted = await statuses(bob, 4)

    assert 429 not in answers
    assert counted[3] == 429


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("/v2/team/app/tags/list", lambda body: (body["errors"][0]["code"], body["errors"][0]["message"])),
        ("/api/v1/projects", lambda body: (body["code"].replace("_", "").upper(), f"{body['detail']}. {body['hint']}")),
    ],
)
@limiting("read")
async def test_a_refusal_names_limit_owner_and_time(
    application: Application, target: str, message: Callable[[dict[str, object]], tuple[str, str]]
) -> None:
    """In the error format of its protocol, in one line."""
    alice = await application.user("alice", ("team/**", "admin"))
    answer = await refused(alice, ("GET", target))

    limit = "the limit of user:alice is 3 at once and 1 a second"
    assert message(answer.json) == ("TOOMANYREQUESTS", f"too many reads: {limit}. Try again in 1 s.")


@limiting("token")
async def test_the_token_endpoint_refuses_as_it_refuses_otherwise(application: Application) -> None:
    """So that OAuth clients and registry clients both print why, and whose limit it is."""
    answer = await refused(application.anonymous(), ASKING["token"])

    assert answer.json["error"] == "temporarily_unavailable"
    assert answer.json["errors"][0]["code"] == "TOOMANYREQUESTS"
    assert "too many tokens: the limit of requests from 192.0.2.1 without a login" in answer.json["error_description"]


@pytest.mark.parametrize("target", ["/v2/team/app/tags/list", "/api/v1/projects", "/auth/token"])
@limiting("read", "token")
async def test_a_refusal_says_when_to_come_back_in_headers(application: Application, target: str) -> None:
    """Retry-After, and the fields of the draft about rate limits."""
    answer = await refused(application.anonymous(), ("GET", target))

    asked = "token" if target == "/auth/token" else "read"
    found = {name: answer.header(name) for name in ("retry-after", "ratelimit", "ratelimit-policy")}
    assert found == {
        "retry-after": "1",
        "ratelimit": f'"{asked}";r=0;t=1',
        "ratelimit-policy": f'"{asked}";q=2;w=2',
    }


@pytest.mark.parametrize("target", ["/v2/team/app/tags/list", "/api/v1/projects", "/auth/token"])
@limiting("read", "token")
async def test_an_answer_says_how_much_is_left_where_it_is_less_than_half(
    application: Application, target: str
) -> None:
    """Before that, and where there is no limit, it says nothing."""
    alice = await application.user("alice", ("team/**", "admin"))
    answers = [await alice.get(target) for _ in range(3)]

    asked = "token" if target == "/auth/token" else "read"
    told = [answer.header("ratelimit") for answer in answers]
    assert told == ["", f'"{asked}";r=1;t=2', f'"{asked}";r=0;t=3']


@limiting("login")
async def test_wrong_passwords_are_refused_without_a_hash(application: Application) -> None:
    """An address that sends too many is not worth the time of one more, whatever the names."""
    guesses = [basic(application, f"user{each}", "wrong") for each in range(3)]
    answers = [await guess.send("GET", "/v2/") for guess in guesses]

    assert [answer.status for answer in answers] == [401, 401, 429]
    assert "too many attempts to log in: the limit of the address 192.0.2.1" in answers[2].json["errors"][0]["message"]


@limiting("login")
async def test_a_password_that_was_right_of_late_is_no_attempt(application: Application) -> None:
    """Programs that send theirs with every request do not use up their address; a new password counts again."""
    alice, bob, carol = [await application.user(name, ("team/**", "admin")) for name in ("alice", "bob", "carol")]
    first = [*await statuses(alice, 9), *await statuses(bob, 9)]
    answers = [*await statuses(carol, 1), *await statuses(alice, 9), *await statuses(bob, 9)]

    assert 429 not in first
    assert answers[0] == 429
    assert 429 not in answers[1:]


@limiting("login")
async def test_second_factors_are_attempts(application: Application) -> None:
    """Each code that is sent counts, whosever it is said to be."""
    body = {"method": "totp", "code": "123456"}
    answers = [await application.anonymous().post("/api/v1/session/second-factor", body) for _ in range(3)]

    assert [answer.status for answer in answers] == [401, 401, 429]


@limiting("login")
async def test_a_login_to_the_console_is_an_attempt(application: Application) -> None:
    """It counts before the password is looked at."""
    body = {"name": "nobody", "password": "wrong"}
    answers = [await application.anonymous().post("/api/v1/sessions", {**body, "name": f"u{n}"}) for n in range(3)]

    assert [answer.status for answer in answers] == [401, 401, 429]


@limiting("read", redis_url="redis://127.0.0.1:1/0")
async def test_a_redis_that_is_away_is_no_fault(application: Application) -> None:
    """Pulls go on, and each process holds them against its part of the limit."""
    alice = await application.user("alice", ("team/**", "admin"))

    assert await statuses(alice, 4) == [404, 404, 404, 429]


@limiting("read")
async def test_limits_are_divided_by_the_processes_that_are_alive(
    application: Application, clock: SettableClock
) -> None:
    """Each admits its part, at least one; whoever has gone away leaves theirs to the others."""
    own = application.instance.presence
    other = Presence(application.database, "1.0", application.core.clock)
    await other.tell()
    await own.tell()
    in_two = await statuses(application.anonymous(), 2)
    await other.leave()
    await own.tell()
    clock.advance(2 * SECOND_MS)
    alone = await statuses(application.anonymous(), 3)

    assert in_two == [401, 429]
    assert alone == [401, 401, 429]
