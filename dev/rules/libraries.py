# SPDX-License-Identifier: Apache-2.0
"""Where each library may be used. Layers among our own modules are import-linter's part (`.importlinter`)."""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from dev.rules.source import PACKAGE
from dev.rules.source import Import
from dev.rules.source import SourceFile
from dev.rules.source import Violation
from dev.rules.source import imports
from dev.rules.source import python_files

SQL_PLACES = (
    "infra/database/*",
    "infra/events/*",
    "infra/jobs/*",
    "registry/tables.py",
    "registry/store/*",
    "features/*/tables.py",
    "features/*/store.py",
    "features/*/store/*",
)
HTTP_PLACES = (
    "entry/*",
    "infra/http/*",
    "registry/http/*",
    "features/*/routes.py",
    "features/*/routes/*",
    "features/*/schemas.py",
    "features/*/schemas/*",
)


@dataclass(frozen=True, slots=True)
class Confinement:
    """A library, the only places that import it (patterns below the package), and names that anyone may import."""

    library: str
    places: tuple[str, ...]
    free_names: tuple[str, ...] = ()


CONFINEMENTS = (
    # Work on the database takes a connection that its caller holds; only stores say SQL on it.
    Confinement("sqlalchemy", SQL_PLACES, free_names=("Connection",)),
    Confinement("alembic", ("infra/database/*",)),
    Confinement("sqlite3", ("infra/database/*",)),
    Confinement("starlette", HTTP_PLACES),
    Confinement("fastapi", HTTP_PLACES),
    Confinement("aiohttp", ("infra/http/outbound/*",)),
    Confinement("yarl", ("infra/http/outbound/*",)),
    Confinement("acme", ("infra/http/tls/acme_client.py",)),
    Confinement("josepy", ("infra/http/tls/acme_client.py",)),
    Confinement("requests", ("infra/http/tls/acme_client.py",)),
    Confinement(
        "cryptography",
        ("infra/http/tls/*", "infra/time_stamps.py", "infra/storage/sealing.py", "infra/storage/google/identity.py"),
    ),
    Confinement("asn1crypto", ("infra/time_stamps.py",)),
    Confinement("pyotp", ("features/second_factors/app_secret.py",)),
    Confinement("webauthn", ("features/second_factors/ceremonies.py",)),
    Confinement("httptools", ("infra/http/serving/*",)),
    Confinement("prometheus_client", ("infra/telemetry/exposition.py",)),
    Confinement("re2", ("features/retention/expressions.py",)),
    Confinement("nats", ("features/events/sinks/nats.py",)),
    Confinement("smtplib", ("infra/mail/*",)),
    Confinement("redis", ("features/rate_limits/redis_counters.py",)),
    Confinement("uvicorn", ("infra/http/serving/*",)),
    Confinement("typer", ("entry/*", "infra/remote/*", "features/*/cli.py")),
)

PURE_LAYERS = {"kernel": ("entrepot.kernel",), "oci": ("entrepot.oci", "entrepot.kernel.errors")}
"""The layers that need nothing but the standard library, and the modules of ours that each may import."""


def libraries_stay_in_their_place(tree: Path) -> Iterator[Violation]:
    """SQL is spoken in stores and tables only, HTTP at the edges only."""
    for file in python_files(tree, PACKAGE):
        for imported in imports(file):
            for confinement in CONFINEMENTS:
                if imported.library == confinement.library and not _may_import(file, imported, confinement):
                    yield file.breaks(
                        f"{confinement.library} is imported only in {', '.join(confinement.places)}",
                        "Move the code there, or call what is there already.",
                        imported.line,
                    )


def sql_text_stays_in_stores(tree: Path) -> Iterator[Violation]:
    """Nothing but a store sends a string of SQL to the database."""
    for file in python_files(tree, PACKAGE):
        if _is_in(file, SQL_PLACES):
            continue
        for node in ast.walk(file.module):
            if isinstance(node, ast.Attribute) and node.attr == "exec_driver_sql":
                yield file.breaks("SQL is written in stores only", "Make it a function of the store.", node.lineno)


def vocabulary_is_pure(tree: Path) -> Iterator[Violation]:
    """`kernel` and `oci` import the standard library only; `oci` may build on `kernel.errors`."""
    for layer, ours in PURE_LAYERS.items():
        for file in python_files(tree, PACKAGE / layer):
            for imported in imports(file):
                if imported.library in sys.stdlib_module_names or _is_one_of(imported, ours):
                    continue
                yield file.breaks(
                    f"{layer} imports the standard library and {', '.join(ours)} only, not {imported.module}",
                    "Move what needs it up into infra or registry.",
                    imported.line,
                )


def _may_import(file: SourceFile, imported: Import, confinement: Confinement) -> bool:
    return imported.name in confinement.free_names or _is_in(file, confinement.places)


def _is_in(file: SourceFile, places: tuple[str, ...]) -> bool:
    path = file.path.relative_to(PACKAGE).as_posix()
    return any(fnmatchcase(path, place) for place in places)


def _is_one_of(imported: Import, modules: tuple[str, ...]) -> bool:
    names = (imported.module, f"{imported.module}.{imported.name}")
    return any(name == module or name.startswith(f"{module}.") for name in names for module in modules)
