# SPDX-License-Identifier: Apache-2.0
"""`entrepot config`: whether the configuration is good, what it comes to, and what can be configured."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from entrepot.entry.configuration import InvalidConfiguration
from entrepot.entry.configuration import Settings
from entrepot.entry.configuration import file_path
from entrepot.entry.configuration import load
from entrepot.entry.configuration import override
from entrepot.entry.configuration_reference import configuration_reference
from entrepot.entry.data_folder import open_data_folder
from entrepot.entry.effective import as_json
from entrepot.entry.effective import as_toml
from entrepot.entry.effective import effective
from entrepot.entry.opening import has_database
from entrepot.entry.opening import open_database
from entrepot.entry.opening import require_keys
from entrepot.features.identity import Lack
from entrepot.features.identity import LocalPasswords
from entrepot.kernel.clock import system_clock
from entrepot.kernel.errors import AppError
from entrepot.kernel.errors import Unavailable

config_commands = typer.Typer(help="The configuration.", no_args_is_help=True)

Config = Annotated[
    Path | None, typer.Option("--config", help="Configuration file; default: entrepot.toml, if there is one.")
]
Data = Annotated[Path | None, typer.Option("--data", help="Folder for everything that is kept; default ./data.")]


class Output(StrEnum):
    """How `config show` prints."""

    TOML = "toml"
    JSON = "json"


@config_commands.command()
def check(config: Config = None, data: Data = None) -> None:
    """Read file and variables and tell every mistake in them; exit status 1 when there is one.

    It reads the key files, and looks in the database, if it answers, whether they are those that it needs.
    Where only some accounts log in with a password, it looks in the database whether any of them could.

    Example: entrepot config check --config entrepot.toml
    """
    override(config=config, data_dir=data)
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    try:
        settings = load()
    except InvalidConfiguration as error:
        for mistake in error.mistakes:
            console.print(mistake, markup=False)
        raise typer.Exit(1) from None
    _require_keys(settings)
    file = file_path()
    read = f"{file} and the environment" if file.is_file() else "the environment; there is no file"
    Console(highlight=False, soft_wrap=True).print(f"The configuration is valid. Read: {read}.", markup=False)
    lack = _lack_of_break_glass(settings)
    if lack is not None:
        console.print(f"Warning: {lack.told}.", markup=False)


def _require_keys(settings: Settings) -> None:
    """Raise an `AppError` unless the keys are those that the database needs, as far as there is one to ask."""
    require_keys(settings, None)
    if has_database(settings):
        database = open_database(settings)
        try:
            require_keys(settings, database)
        except Unavailable:
            return
        finally:
            database.close()


def _lack_of_break_glass(settings: Settings) -> Lack | None:
    """Say what the accounts for emergencies lack, as far as there is a database of this version to ask."""
    if settings.identity.break_glass is None:
        return None
    try:
        with open_data_folder(None) as folder:
            return LocalPasswords(folder.database, settings.identity, system_clock).lack()
    except AppError:
        return None


@config_commands.command()
def show(
    config: Config = None,
    data: Data = None,
    output: Annotated[Output, typer.Option(help="The form of a configuration file, or JSON.")] = Output.TOML,
) -> None:
    """Print every setting that holds and where it came from, and the addresses the server may connect to.

    Secrets are masked.

    Example: entrepot config show --output json
    """
    flags = override(config=config, data_dir=data)
    shown = effective(load(), flags)
    sys.stdout.write(as_toml(shown) if output is Output.TOML else as_json(shown))


@config_commands.command()
def reference() -> None:
    """Print what can be configured, as Markdown.

    Example: entrepot config reference
    """
    sys.stdout.write(configuration_reference(Settings))
