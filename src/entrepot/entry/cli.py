# SPDX-License-Identifier: Apache-2.0
"""The `entrepot` command."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated
from typing import cast

import typer
from rich.console import Console

from entrepot import __version__
from entrepot.entry import serve as serving
from entrepot.entry.adopt_command import adopt
from entrepot.entry.audit_command import verify_audit
from entrepot.entry.backup_commands import backup_commands
from entrepot.entry.config_commands import config_commands
from entrepot.entry.copy_commands import copy
from entrepot.entry.copy_commands import pull
from entrepot.entry.copy_commands import push
from entrepot.entry.data_folder import open_data_folder
from entrepot.entry.database_commands import database_commands
from entrepot.entry.key_commands import key_commands
from entrepot.entry.login_commands import login
from entrepot.entry.login_commands import logout
from entrepot.entry.rebuild_command import rebuild
from entrepot.entry.restore_command import restore
from entrepot.entry.storage_commands import storage_commands
from entrepot.entry.trust_command import trust
from entrepot.entry.verify_command import verify
from entrepot.features.access.cli import can_i
from entrepot.features.access.cli import who_can
from entrepot.features.access.feature import feature as access
from entrepot.features.approvals.feature import feature as approvals
from entrepot.features.artifacts.feature import feature as artifacts
from entrepot.features.audit.cli import audit_commands
from entrepot.features.audit.feature import feature as audit
from entrepot.features.copies.feature import feature as copies
from entrepot.features.descriptions.feature import feature as descriptions
from entrepot.features.events.cli import events
from entrepot.features.garbage.cli import garbage_commands
from entrepot.features.garbage.feature import feature as garbage
from entrepot.features.grants.feature import feature as grants
from entrepot.features.groups.feature import feature as groups
from entrepot.features.guardrails.feature import feature as guardrails
from entrepot.features.history.feature import feature as history
from entrepot.features.holds.feature import feature as holds
from entrepot.features.immutability.feature import feature as immutability
from entrepot.features.imports.feature import feature as imports
from entrepot.features.in_use.feature import feature as in_use
from entrepot.features.invitations.feature import feature as invitations
from entrepot.features.jobs.feature import feature as jobs
from entrepot.features.labels.feature import feature as labels
from entrepot.features.modes.feature import feature as modes
from entrepot.features.naming.feature import feature as naming
from entrepot.features.notifications.feature import feature as notifications
from entrepot.features.projects.feature import feature as projects
from entrepot.features.promotions.cli import promote
from entrepot.features.promotions.feature import feature as promotions
from entrepot.features.quotas.feature import feature as quotas
from entrepot.features.retention.feature import feature as retention
from entrepot.features.robots.feature import feature as robots
from entrepot.features.roles.feature import feature as roles
from entrepot.features.search.cli import search
from entrepot.features.second_factors.feature import feature as second_factors
from entrepot.features.system.feature import feature as system
from entrepot.features.templates.feature import feature as templates
from entrepot.features.tokens.feature import feature as tokens
from entrepot.features.usage.feature import feature as usage
from entrepot.features.users.feature import feature as users
from entrepot.features.webhooks.feature import feature as webhooks
from entrepot.infra.http.tls.settings import TlsMode
from entrepot.infra.remote.output import printable
from entrepot.kernel.errors import AppError

HERE = "This machine"
REMOTE = "A server, wherever it is"
FEATURES = (
    projects,
    artifacts,
    copies,
    promotions,
    history,
    holds,
    imports,
    in_use,
    users,
    invitations,
    groups,
    second_factors,
    quotas,
    robots,
    tokens,
    grants,
    guardrails,
    immutability,
    naming,
    templates,
    approvals,
    roles,
    access,
    audit,
    garbage,
    retention,
    usage,
    notifications,
    webhooks,
    jobs,
    labels,
    descriptions,
    system,
    modes,
)
"""The features with commands, in the order of the help."""


def grouped(commands: Iterable[object]) -> list[typer.Typer]:
    """Return groups of commands, those of one name as one: the first, with the commands of the others after its own."""
    groups: dict[str, typer.Typer] = {}
    for each in commands:
        group = cast("typer.Typer", each)
        first = groups.setdefault(str(group.info.name), group)
        if first is not group:
            first.registered_commands += group.registered_commands
    return list(groups.values())


application = typer.Typer(
    name="entrepot",
    help="A container registry: stores, distributes and governs OCI artifacts.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"obj": open_data_folder},
)
application.add_typer(config_commands, name="config", rich_help_panel=HERE)
application.add_typer(database_commands, name="db", rich_help_panel=HERE)
application.add_typer(backup_commands, name="backup", rich_help_panel=HERE)
application.add_typer(key_commands, name="keys", rich_help_panel=HERE)
application.add_typer(storage_commands, name="storage", rich_help_panel=HERE)
application.command(rich_help_panel=REMOTE)(login)
application.command(rich_help_panel=REMOTE)(logout)
audit_commands.command("verify", rich_help_panel=HERE)(verify_audit)
for group in grouped(commands for feature in FEATURES for commands in feature.commands):
    application.add_typer(group, rich_help_panel=REMOTE)
application.add_typer(garbage_commands, name="gc", hidden=True)
application.command("can-i", rich_help_panel=REMOTE)(can_i)
application.command("who-can", rich_help_panel=REMOTE)(who_can)
application.command(rich_help_panel=REMOTE)(search)
application.command(rich_help_panel=REMOTE)(events)
for each in (push, pull, copy, promote):
    application.command(rich_help_panel=REMOTE)(each)


def tell_version(wanted: bool = True) -> None:
    """Print the version and end, if that is wanted."""
    if wanted:
        Console(highlight=False).print(f"entrepot {__version__}")
        raise typer.Exit


@application.callback()
def options(
    *,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=tell_version, is_eager=True)
    ] = False,
) -> None:
    """Take what stands before a command."""


@application.command(rich_help_panel=HERE)
def serve(  # noqa: PLR0913 - one for each flag
    config: Annotated[
        Path | None, typer.Option(help="Configuration file; default: entrepot.toml, if there is one.")
    ] = None,
    host: Annotated[
        str | None, typer.Option(help="Addresses to listen on, separated by commas; default localhost.")
    ] = None,
    port: Annotated[
        int | None, typer.Option(help="Port to listen on; default 5000, 0 takes a free one.", min=0, max=65_535)
    ] = None,
    data: Annotated[Path | None, typer.Option(help="Folder for everything that is kept; default ./data.")] = None,
    workers: Annotated[int | None, typer.Option(help="Server processes; default 1.", min=1, max=256)] = None,
    tls: Annotated[
        TlsMode | None,
        typer.Option(help="Where the certificate for HTTPS comes from: files of yours, a local or an ACME authority."),
    ] = None,
    tls_cert: Annotated[Path | None, typer.Option(help="PEM file with the certificate and its chain.")] = None,
    tls_key: Annotated[Path | None, typer.Option(help="PEM file with its private key.")] = None,
    *,
    insecure_http: Annotated[
        bool | None, typer.Option("--insecure-http", help="Listen beyond loopback without TLS.")
    ] = None,
) -> None:
    """Serve the registry until interrupted.

    Example: entrepot serve --port 5001 --data ./data
    """
    serving.serve(serving.Flags(config, host, port, data, workers, insecure_http, tls, tls_cert, tls_key))


@application.command(rich_help_panel=HERE)
def version() -> None:
    """Print the version.

    Example: entrepot version
    """
    tell_version()


application.command(rich_help_panel=HERE)(verify)
application.command(rich_help_panel=HERE)(restore)
application.command(rich_help_panel=HERE)(rebuild)
application.command(rich_help_panel=HERE)(adopt)
application.command(rich_help_panel=HERE)(trust)


def main() -> None:
    """Run the command line: exit status 0 when done, 1 when refused or failed, 2 for wrong usage."""
    try:
        application()
    except AppError as error:
        console = Console(stderr=True, highlight=False, soft_wrap=True)
        console.print(f"entrepot: {printable(error.message)}", style="red", markup=False)
        if error.hint:
            console.print(printable(error.hint), markup=False)
        sys.exit(1)
