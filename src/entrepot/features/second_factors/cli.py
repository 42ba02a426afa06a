# SPDX-License-Identifier: Apache-2.0
"""`entrepot second-factor`: for those who lost theirs, on a server or on the machine that holds the data folder."""

from pathlib import Path
from typing import Annotated

import typer

from entrepot.features.second_factors.enrolment import reset_second_factors
from entrepot.infra.remote.address import path_to
from entrepot.infra.remote.options import ServerOption
from entrepot.infra.remote.options import SureOption
from entrepot.infra.remote.options import command_group
from entrepot.infra.remote.options import connect
from entrepot.infra.remote.options import require_sure
from entrepot.infra.remote.output import tell
from entrepot.kernel.clock import system_clock
from entrepot.registry.platform import OpenDataFolder

second_factor_commands = command_group("second-factor", "Second factors: what people prove beside their password.")

UserArgument = Annotated[str, typer.Argument(metavar="USER", help="Who lost them.")]


@second_factor_commands.command("reset")
def reset(user: UserArgument, *, is_sure: SureOption = False, server: ServerOption = "") -> None:
    """Remove all second factors and recovery codes of another user, as an administrator of the registry.

    Example: entrepot second-factor reset alice --yes
    """
    client = connect(server)
    require_sure(f"Let {user} log in at {client.target.url} with the password alone?", is_sure=is_sure)
    client.delete(path_to("users", user, "second-factors"))
    tell(f"{user} has no second factor any more.")


@second_factor_commands.command("recover")
def recover(
    context: typer.Context,
    user: UserArgument,
    data: Annotated[Path | None, typer.Option(help="Folder that holds the database; default ./data.")] = None,
) -> None:
    """Do the same on the machine that holds the data folder, while the server runs or not: for the last administrator.

    Example: entrepot second-factor recover admin --data ./data
    """
    open_data_folder: OpenDataFolder = context.obj
    with open_data_folder(data) as folder:
        folder.database.write_now(reset_second_factors, user, system_clock())
    tell(f"{user} has no second factor any more.")
