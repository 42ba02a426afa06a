# SPDX-License-Identifier: Apache-2.0
"""`entrepot system`: what a server runs on."""

from entrepot.infra.remote.options import LimitOption
from entrepot.infra.remote.options import OutputOption
from entrepot.infra.remote.options import ServerOption
from entrepot.infra.remote.options import command_group
from entrepot.infra.remote.options import connect
from entrepot.infra.remote.output import Output
from entrepot.infra.remote.output import show_item
from entrepot.infra.remote.output import show_items

system_commands = command_group("system", "The system: versions, server processes, signing keys.")


@system_commands.command("show")
def show_system(output: OutputOption = Output.TABLE, server: ServerOption = "") -> None:
    """Show versions, room and addresses of a server.

    Example: entrepot system show
    """
    show_item(connect(server).get("system"), output)


@system_commands.command("nodes")
def list_nodes(limit: LimitOption = None, output: OutputOption = Output.TABLE, server: ServerOption = "") -> None:
    """List the server processes, the one started last first.

    Example: entrepot system nodes
    """
    items = connect(server).items("system/nodes", limit)
    show_items(items, ("host", "pid", "version", "started_at", "seen_at", "is_alive"), output)


@system_commands.command("keys")
def list_keys(output: OutputOption = Output.TABLE, server: ServerOption = "") -> None:
    """List the keys that tokens are signed with, the current one first.

    Example: entrepot system keys
    """
    items = connect(server).items("system/keys")
    show_items(items, ("kid", "algorithm", "created_at", "not_after", "is_current"), output)
