# SPDX-License-Identifier: Apache-2.0
"""The fuzzer has a target for every parser, finds what is planted, and finds nothing else."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import strategies as st

from entrepot.kernel.errors import AppError
from entrepot.kernel.errors import InvalidRequest
from tests.fuzz.target import Check
from tests.fuzz.target import Target
from tests.fuzz.target import fuzz
from tests.fuzz.target import target
from tests.fuzz.targets import TARGETS
from tests.server import ROOT

PACKAGE = ROOT / "src" / "entrepot"
TELLING = {"text", "payload", "header", "cursor", "raw_path"}
"""What the first parameter of a function is called that reads what somebody else wrote."""

COVERED = {f"{each.__module__}.{each.__qualname__}" for every in TARGETS for each in every.covers}


def parsers() -> Iterator[str]:
    """Name every public function of the package that is called `parse_…`, or takes a text first."""
    for path in PACKAGE.rglob("*.py"):
        module = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
        functions = [each for each in ast.parse(path.read_text()).body if isinstance(each, ast.FunctionDef)]
        for each in functions:
            first = each.args.args[0].arg if each.args.args else ""
            if not each.name.startswith("_") and (each.name.startswith("parse_") or first in TELLING):
                yield f"{module}.{each.name}"


def check_of(raises: Exception | None = None) -> Check:
    """Make a check that raises that for one input in three."""

    def check(value: object) -> None:
        assert isinstance(value, int)
        if value % 3 == 0 and raises is not None:
            raise raises

    return check


def search(value: object) -> None:
    """Take forever, in one call of the regular expression library."""
    re.fullmatch(r"(?:a|a?)+b", "a" * 60)


def test_every_parser_has_a_target() -> None:
    """A new parser is fuzzed from its first day."""
    assert sorted(set(parsers()) - COVERED) == []


def test_the_search_for_parsers_finds_them() -> None:
    """Names and parameters tell, so the list is neither empty nor everything."""
    found = set(parsers())
    files = len(list(PACKAGE.rglob("*.py")))

    assert {"entrepot.oci.digest.parse_digest", "entrepot.registry.http.routing.route"} <= found
    assert len(found) < files / 8


@pytest.mark.parametrize("each", TARGETS, ids=lambda each: each.name)
def test_a_target_holds(each: Target, tmp_path: Path) -> None:
    """Some inputs for each, every time the tests run; `make fuzz` tries many more."""
    outcome = fuzz(each, 0, inputs=20, corpus=tmp_path)

    assert outcome.failure == ""
    assert outcome.inputs >= 1


@pytest.mark.parametrize(
    ("check", "told"),
    [
        (check_of(KeyError("planted")), "KeyError"),
        (check_of(AppError("planted")), "refused with status 500"),
        (check_of(InvalidRequest("")), "refused with status 400 and the message ''"),
        (check_of(InvalidRequest("\udcff")), "no text that can be sent"),
        (search, "takes more than"),
    ],
    ids=["exception", "status", "silence", "surrogate", "time"],
)
def test_what_is_planted_is_found(check: Check, told: str, tmp_path: Path) -> None:
    """Another exception, a refusal nobody can read, and a search without end break a target, with the input shown."""
    outcome = fuzz(target("planted", fuzz, st.integers(0, 99), check), 60, corpus=tmp_path)

    assert told in outcome.failure
    assert "value=0" in outcome.failure
    assert list(tmp_path.rglob("*/*"))


def test_a_refusal_is_a_result(tmp_path: Path) -> None:
    """An error that says what is wrong with the input is what a parser is for."""
    outcome = fuzz(
        target("refusing", fuzz, st.integers(0, 99), check_of(InvalidRequest("no"))), 0, inputs=9, corpus=tmp_path
    )

    assert outcome.failure == ""
