# SPDX-License-Identifier: Apache-2.0
"""Who gets what, as people see it: what clients print when the registry refuses, and that they can do what they may."""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from typing import Any
from typing import Protocol

from tests.interop import verbs
from tests.interop.clients.catalogue import CLIENTS
from tests.interop.clients.skopeo import Skopeo
from tests.interop.commands import expect
from tests.interop.commands import failure_of
from tests.interop.registry import ask
from tests.interop.report import Report
from tests.interop.target import Bench
from tests.interop.target import Target

PUBLIC, PRIVATE, UNKNOWN = "answers-public", "answers-private", "answers-unknown"
READER = "answers-reader"
PASSWORD = "correct horse battery"
ASKED = ("docker", "podman", "skopeo", "containerd", "crane")


class Asking(verbs.Pushes, verbs.Pulls, Protocol):
    """A client that can be asked."""

    bench: Bench


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody does, and the words that the client must print: none when it must work.

    Clients differ in what they pass on of the registry's message; `instead` has the words of those that do not.
    """

    situation: str
    user: str
    password: str
    project: str
    does: str = "pull"
    words: str = ""
    instead: Mapping[str, str] = field(default_factory=dict)


UNAUTHORIZED = {"containerd": "401 Unauthorized"}
WRONG_PASSWORD = dict.fromkeys(("podman", "skopeo"), "invalid username/password") | UNAUTHORIZED
"""What these clients print instead of the registry's message, each in its own words."""

ANSWERS = (
    Answer("anonymous pull of a public project", "", "", PUBLIC),
    Answer("anonymous pull of a private project", "", "", PRIVATE, words="Authentication is", instead=UNAUTHORIZED),
    Answer("anonymous pull of what is not there", "", "", UNKNOWN, words="Authentication is", instead=UNAUTHORIZED),
    Answer("pull with a wrong password", READER, "wrong", PRIVATE, words="password is wrong", instead=WRONG_PASSWORD),
    Answer("pull by a reader", READER, PASSWORD, PRIVATE),
    Answer(
        "push by a reader",
        READER,
        PASSWORD,
        PRIVATE,
        does="push",
        words=f"may not push in {PRIVATE}/app",
        instead={"containerd": "403 Forbidden"},
    ),
    Answer(
        "pull of what the user may not know of",
        READER,
        PASSWORD,
        UNKNOWN,
        words="not found, or you may not read it",
        instead={"containerd": "not found"},
    ),
)


def exercise(bench: Bench, report: Report) -> None:
    """Ask every client everything; `bench` belongs to an administrator and has the programs."""
    with report.step("answers", "projects and a reader"):
        _prepare(bench)
    for name in ASKED:
        home = bench.scratch / f"as-{name}"
        home.mkdir()
        with report.step(name, "all answers"), CLIENTS[name].start(replace(bench, scratch=home)) as client:
            for answer in ANSWERS:
                with report.step(name, answer.situation):
                    judge(name, _as(client, answer), answer)


def judge(name: str, client: Asking, answer: Answer) -> None:
    """Let a client do what the answer is about; raise `StepError` unless it works, or says why not."""
    image = client.bench.target.name(f"{answer.project}/app", ":image")

    def act() -> None:
        if answer.user and isinstance(client, verbs.LogsIn):
            client.login(answer.password)
        if answer.does == "push":
            client.push("image", f"{image}-pushed")
        else:
            client.pull(image)

    client.forget()
    if not answer.words:
        act()
        return
    said, words = failure_of(act), answer.instead.get(name, answer.words)
    print(f"    {said.strip().splitlines()[-1]}", flush=True)
    expect(words in said, f"it does not say {words!r}:\n{said}")


def _as(client: Any, answer: Answer) -> Asking:
    """Return the client with the user of an answer."""
    bench: Bench = client.bench
    target = Target(bench.target.authority, answer.user, answer.password)
    asking: Asking = replace(client, bench=replace(bench, target=target))
    return asking


def _prepare(bench: Bench) -> None:
    """Make a public and a private project with an image each, and a user who may read."""
    target = bench.target
    _create(target, "POST", "/projects", {"name": PUBLIC, "visibility": "public"})
    _create(target, "POST", "/projects", {"name": PRIVATE, "visibility": "private"})
    _create(target, "POST", "/users", {"name": READER, "password": PASSWORD})
    _create(target, "PUT", f"/projects/{PRIVATE}/members/user:{READER}", {"role": "read"})
    skopeo = Skopeo(bench)
    skopeo.login(target.password)
    for project in (PUBLIC, PRIVATE):
        skopeo.put("image", target.name(f"{project}/app", ":image"))


def _create(target: Target, method: str, path: str, body: dict[str, str]) -> None:
    status, content = ask(target, method, f"/api/v1{path}", body)
    expect(status in (200, 201), f"{method} {path}: {status} {content[:500]!r}")
