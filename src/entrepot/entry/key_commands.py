# SPDX-License-Identifier: Apache-2.0
"""`entrepot keys`: the keys that content and secrets are encrypted with."""

import sys
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console

from entrepot.entry.configuration import Settings
from entrepot.entry.configuration import load
from entrepot.entry.configuration import override
from entrepot.entry.data_folder import open_data_folder
from entrepot.entry.opening import open_existing_database
from entrepot.entry.opening import store_keys
from entrepot.features.audit import AUDIT_KEYS
from entrepot.features.imports import SOURCE_LOGINS
from entrepot.features.second_factors import APP_SECRETS
from entrepot.features.tokens import INSTANCE_KEY_FILE_NAME
from entrepot.features.tokens import ROOTS
from entrepot.features.tokens import SIGNING_KEYS
from entrepot.features.tokens import load_instance_key
from entrepot.features.tokens import reseal
from entrepot.features.tokens import sealed_uses
from entrepot.features.webhooks import SECRET_HEADERS
from entrepot.features.webhooks import SIGNING_SECRETS
from entrepot.infra.database import schema
from entrepot.infra.database.engine import Database
from entrepot.infra.keys.key_file import Key
from entrepot.infra.keys.key_file import make_key_file
from entrepot.infra.keys.key_file import read_key
from entrepot.infra.storage.store_keys import StoreKeys
from entrepot.kernel.clock import rfc3339
from entrepot.kernel.clock import system_clock
from entrepot.kernel.errors import Conflict
from entrepot.kernel.errors import NotFound
from entrepot.registry.object_keys import rewrap
from entrepot.registry.store import object_keys
from entrepot.registry.store.object_keys import Use

key_commands = typer.Typer(help="The keys that content and secrets are encrypted with.", no_args_is_help=True)

SEALED = (ROOTS, SIGNING_KEYS, AUDIT_KEYS, APP_SECRETS, SIGNING_SECRETS, SECRET_HEADERS, SOURCE_LOGINS)
"""Everything in the database that the instance key encrypts."""

Data = Annotated[Path | None, typer.Option("--data", help="Folder that holds the database; default ./data.")]


class KeyUse(msgspec.Struct, frozen=True):
    """A key, and what needs it. `role` is `current`, `other` or `missing`; `of` is `store` or `instance`."""

    of: str
    id: str
    role: str
    origin: str
    objects: int = 0
    uploads: int = 0
    secrets: int = 0
    uploads_until: str = ""

    @property
    def is_needed(self) -> bool:
        """Whether anything needs it."""
        return bool(self.objects or self.uploads or self.secrets)


@key_commands.command()
def new(
    file: Annotated[Path, typer.Argument(help="Where to write it; there must be no such file.")],
) -> None:
    """Make a key, for a store or for the instance, in a file that only you may read.

    Keep a copy of it apart from this machine and its backups: what it encrypts cannot be read without it.

    Example: entrepot keys new /etc/entrepot/store.key
    """
    try:
        is_new = make_key_file(file)
    except OSError as error:
        raise NotFound(
            f"the key cannot be written to {file}: {error.strerror}", hint="Make the folder first."
        ) from None
    if not is_new:
        raise Conflict(f"there is a file at {file} already", hint="Name another one: a key is never written over.")
    _print(f"The key {read_key(file).id} is in {file}. Keep a copy of it elsewhere.")


@key_commands.command()
def status(
    data: Data = None,
    is_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
) -> None:
    """Tell which keys there are and what needs them; exit status 1 when something needs a key that is not configured.

    Reads only, and counts objects: run it at any time, also while the server is busy.

    Example: entrepot keys status --data ./data
    """
    override(data_dir=data)
    settings = load()
    keys = store_keys(settings)
    instance = _instance_keys(settings)
    database = open_existing_database(settings)
    try:
        schema.require_current(database)
        found = _of_store(database, keys) + _of_instance(database, instance)
    finally:
        database.close()
    if is_json:
        sys.stdout.write(msgspec.json.encode(found).decode() + "\n")
    for each in () if is_json else found:
        _print(_told(each))
    if any(each.role == "missing" for each in found):
        raise typer.Exit(1)


@key_commands.command()
def rotate(data: Data = None) -> None:
    """Encrypt anew, under the current keys, whatever the other keys encrypted; then those can go.

    It encrypts the keys of objects and the secrets in the database, not content. Servers may run. It can be stopped
    and run again, and be run by several at once.

    Example: entrepot keys rotate --data ./data
    """
    with open_data_folder(data) as folder:
        settings = load()
        keys, instance_key = store_keys(settings), load_instance_key(settings.data_dir, settings.keys)
        objects = sum(rewrap(folder.database, keys, system_clock))
        secrets = sum(reseal(folder.database, instance_key, SEALED, system_clock))
        _print(f"Encrypted anew: the keys of {objects:,} objects, {secrets:,} secrets.")
        for each in _of_store(folder.database, keys) + _of_instance(folder.database, list(instance_key.all)):
            _print(_told(each))


def _instance_keys(settings: Settings) -> list[Key]:
    """Return the instance keys, the current one first; none where the default file is not there yet."""
    named = settings.keys
    is_default = named.instance_key_file is None and not named.instance_key.get_secret_value()
    if is_default and not (settings.data_dir / INSTANCE_KEY_FILE_NAME).exists():
        return [read_key(path) for path in named.other_instance_key_files]
    return list(load_instance_key(settings.data_dir, named).all)


def _of_store(database: Database, keys: StoreKeys) -> list[KeyUse]:
    uses = database.snapshot_now(object_keys.uses)
    active = "" if keys.active is None else keys.active.id
    found = []
    for key_id in sorted({*keys.by_id, *uses}, key=lambda each: (each != active, each)):
        use, key = uses.get(key_id, Use(0, 0, None)), keys.by_id.get(key_id)
        role = "missing" if key is None else "current" if key_id == active else "other"
        until = "" if use.until is None else rfc3339(use.until)
        found.append(KeyUse("store", key_id, role, key.origin if key else "", use.objects, use.uploads, 0, until))
    return found


def _of_instance(database: Database, keys: list[Key]) -> list[KeyUse]:
    uses = sealed_uses(database, SEALED)
    unnamed = uses.pop("", 0)
    known = {key.id: key for key in keys}
    found = []
    for key_id in [*known, *sorted(uses.keys() - known.keys())]:
        key, is_current = known.get(key_id), bool(keys) and key_id == keys[0].id
        role = "missing" if key is None else "current" if is_current else "other"
        # What names no key is from before there was a second one: any may be meant until it is encrypted anew.
        count = uses[key_id] + unnamed
        found.append(KeyUse("instance", key_id, role, key.origin if key else "", secrets=count))
    return found


def _told(use: KeyUse) -> str:
    parts = [f"{use.objects:,} objects"] * bool(use.objects)
    parts += [f"{use.uploads:,} uploads in progress (until {use.uploads_until})"] * bool(use.uploads)
    parts += [f"{use.secrets:,} secrets"] * bool(use.secrets)
    needed = f"needed by {' and '.join(parts)}" if parts else "needed by nothing"
    advice = {
        ("other", False): "; it may go from the configuration",
        ("other", True): "; entrepot keys rotate changes that",
        ("missing", True): "; restore it and name it in the configuration",
    }.get((use.role, use.is_needed), "")
    return f"{use.of} key {use.id}, {use.role}{f' ({use.origin})' if use.origin else ''}: {needed}{advice}"


def _print(text: str) -> None:
    Console(highlight=False, soft_wrap=True).print(text, markup=False)
