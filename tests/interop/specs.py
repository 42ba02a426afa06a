# SPDX-License-Identifier: Apache-2.0
"""The reports of a suite of Ginkgo specs: how each spec ended in each run, and whether all of them ran at all.

A spec is known by the line of the suite's sources where it stands, since several have the same words.
"""

import json
import re
from collections import Counter
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.interop.commands import StepError
from tests.interop.conformance import Problem

RULE = re.compile(r"^-{30}$", re.MULTILINE)
"""The line that separates specs in what Ginkgo prints."""

HARMLESS = ("passed", "skipped")
"""Ginkgo's words for how a spec may end in one run; in all runs together, it must pass."""

SECRET = re.compile(r'(Authorization: \w+|"\w*token":) \S+')


@dataclass(frozen=True, slots=True)
class Spec:
    """One spec in one run: `place` is `file:line`, `state` one of Ginkgo's words."""

    place: str
    words: str
    state: str
    reason: str
    transcript: str

    @property
    def problem(self) -> Problem:
        """The spec as something that did not pass."""
        return Problem(f"{self.words} ({self.place})", self.state, self.reason, self.transcript)


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the suite: its name, its specs, and what the suite complained about besides."""

    name: str
    specs: tuple[Spec, ...]
    complaints: tuple[str, ...]

    @property
    def counts(self) -> str:
        """How many specs ended in which way."""
        states = Counter(spec.state for spec in self.specs)
        return f"{self.name}: {', '.join(f'{number} {state}' for state, number in sorted(states.items()))}"

    @property
    def problems(self) -> list[Problem]:
        """Specs that neither passed nor were skipped, and complaints."""
        bad = [spec.problem for spec in self.specs if spec.state not in HARMLESS]
        return [*bad, *(Problem(self.name, "complaint", complaint) for complaint in self.complaints)]


def read_run(name: str, report: Path, output: str) -> Run:
    """Read Ginkgo's JSON report and what it printed; raise `StepError` when there is no usable report."""
    output = SECRET.sub(r"\1 ...", output)
    try:
        (suite,) = json.loads(report.read_bytes())
        nodes = suite["SpecReports"]
        transcripts = RULE.split(output)
        specs = [_spec(node, transcripts) for node in nodes if node["LeafNodeType"] == "It"]
        others = [node for node in nodes if node["LeafNodeType"] != "It" and node["State"] != "passed"]
        reasons = [*(suite["SpecialSuiteFailureReasons"] or []), *(_reason(node) for node in others)]
        has_succeeded = bool(suite["SuiteSucceeded"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StepError(f"{name}: the suite wrote no report that can be read ({error!r}):\n{output}") from error
    if not has_succeeded and not reasons and all(spec.state in HARMLESS for spec in specs):
        reasons.append("the suite says that it failed, and not why")
    warnings = [line.strip() for line in output.splitlines() if line.lstrip().startswith("WARNING:")]
    return Run(name, tuple(specs), (*reasons, *warnings))


def missing(runs: Sequence[Run], expected: int, exceptions: Mapping[str, str]) -> list[Problem]:
    """Compare what passed in some run with what should have: all `expected` specs but exactly the `exceptions`.

    `exceptions` maps a spec's words to the reason why it never runs.
    """
    everything = {spec.place: spec for run in runs for spec in run.specs}
    executed = {spec.place for run in runs for spec in run.specs if spec.state != "skipped"}
    idle = [spec for place, spec in sorted(everything.items()) if place not in executed]
    words = Counter(spec.words for spec in idle)
    surplus = words - Counter(exceptions.keys())
    problems = [spec.problem for spec in idle if surplus[spec.words]]
    stale = "it runs, or is gone: remove it from pins.toml"
    problems += [Problem(exception, "exception", stale) for exception in sorted(exceptions.keys() - words.keys())]
    if len(everything) != expected:
        reason = f"there are {len(everything)} specs, and pins.toml says {expected}"
        problems.append(Problem("the whole suite", "incomplete", reason))
    return problems


def total(runs: Sequence[Run]) -> str:
    """Return how many different specs passed in at least one run, of how many."""
    everything = {spec.place for run in runs for spec in run.specs}
    passed = {spec.place for run in runs for spec in run.specs if spec.state == "passed"}
    return f"{len(passed)} of {len(everything)} specs passed in at least one run"


def _spec(node: dict[str, object], transcripts: Sequence[str]) -> Spec:
    """Take what is needed of a node of the report; the first container is the suite itself."""
    location, containers = node["LeafNodeLocation"], node["ContainerHierarchyTexts"]
    if not isinstance(location, dict) or not isinstance(containers, list):
        raise TypeError(f"unknown form of report: {node}")
    place = f"{Path(location['FileName']).name}:{location['LineNumber']}"
    return Spec(
        place=place,
        words=" ".join([*containers[1:], str(node["LeafNodeText"])]),
        state=str(node["State"]),
        reason=_reason(node),
        transcript="\n".join(part.strip() for part in transcripts if f"/{place}\n" in part),
    )


def _reason(node: Mapping[str, object]) -> str:
    failure = node.get("Failure")
    return str(failure.get("Message", "")) if isinstance(failure, dict) else ""
