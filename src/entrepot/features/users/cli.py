# SPDX-License-Identifier: Apache-2.0
"""`entrepot user`: users on a server, and a way back in on the machine that holds the data folder."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from entrepot.features.identity import Accounts
from entrepot.features.identity import LoginThrottle
from entrepot.features.identity import PasswordChecks
from entrepot.features.identity import Users
from entrepot.features.identity import write_secret
from entrepot.infra.remote.address import path_to
from entrepot.infra.remote.client import Item
from entrepot.infra.remote.options import LimitOption
from entrepot.infra.remote.options import OutputOption
from entrepot.infra.remote.options import ServerOption
from entrepot.infra.remote.options import SureOption
from entrepot.infra.remote.options import command_group
from entrepot.infra.remote.options import connect
from entrepot.infra.remote.options import password_given
from entrepot.infra.remote.options import require_sure
from entrepot.infra.remote.output import Output
from entrepot.infra.remote.output import show_item
from entrepot.infra.remote.output import show_items
from entrepot.infra.remote.output import show_secret
from entrepot.infra.remote.output import tell
from entrepot.kernel.clock import system_clock
from entrepot.kernel.errors import AppError
from entrepot.registry.platform import DataFolder
from entrepot.registry.platform import OpenDataFolder

user_commands = command_group("user", "Users: people who may log in.")

UserArgument = Annotated[str, typer.Argument(metavar="USER", help="The name.")]
NewPasswordOption = Annotated[
    bool, typer.Option("--password-stdin", help="Take the new password from standard input; else one is made up.")
]


class PasswordNotWritten(AppError):
    """The password was changed, but could not be written to a file."""

    code = "password_not_written"
    default_hint = "Change it again, on a terminal or with --password-stdin."


@user_commands.command("list")
def list_users(limit: LimitOption = None, output: OutputOption = Output.TABLE, server: ServerOption = "") -> None:
    """List the users, as an administrator of the registry.

    Example: entrepot user list
    """
    items = connect(server).items("users", limit)
    show_items(items, ("name", "administrator", "disabled", "provider", "second_factor", "created_at"), output)


@user_commands.command("show")
def show_user(user: UserArgument, output: OutputOption = Output.TABLE, server: ServerOption = "") -> None:
    """Show a user.

    Example: entrepot user show alice
    """
    show_item(connect(server).get(path_to("users", user)), output)


@user_commands.command("create")
def create_user(
    user: UserArgument,
    *,
    is_administrator: Annotated[bool, typer.Option("--administrator", help="Who may do everything.")] = False,
    is_from_stdin: NewPasswordOption = False,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Make a user, who may do nothing until something is granted.

    A password that is made up is shown this once; where output is piped, it is all that is printed.

    Example: entrepot user create alice
    """
    wanted = {"name": user, "administrator": is_administrator, **_chosen(is_from_stdin=is_from_stdin)}
    _show_password(connect(server).post("users", wanted), output)


@user_commands.command("disable")
def disable_user(user: UserArgument, output: OutputOption = Output.TABLE, server: ServerOption = "") -> None:
    """Let a user do nothing until it is enabled again.

    Example: entrepot user disable alice
    """
    show_item(connect(server).patch(path_to("users", user), {"disabled": True}), output)


@user_commands.command("enable")
def enable_user(user: UserArgument, output: OutputOption = Output.TABLE, server: ServerOption = "") -> None:
    """Let a disabled user log in again.

    Example: entrepot user enable alice
    """
    show_item(connect(server).patch(path_to("users", user), {"disabled": False}), output)


@user_commands.command("promote")
def promote_user(user: UserArgument, output: OutputOption = Output.TABLE, server: ServerOption = "") -> None:
    """Make a user an administrator of the registry.

    Example: entrepot user promote alice
    """
    show_item(connect(server).patch(path_to("users", user), {"administrator": True}), output)


@user_commands.command("demote")
def demote_user(user: UserArgument, output: OutputOption = Output.TABLE, server: ServerOption = "") -> None:
    """Let an administrator be a user like others.

    Example: entrepot user demote alice
    """
    show_item(connect(server).patch(path_to("users", user), {"administrator": False}), output)


@user_commands.command("delete")
def delete_user(user: UserArgument, *, is_sure: SureOption = False, server: ServerOption = "") -> None:
    """Delete a user for ever, with all that was granted to it. The name is not given out again.

    Example: entrepot user delete alice --yes
    """
    client = connect(server)
    require_sure(f"Delete the user {user} at {client.target.url} for ever?", is_sure=is_sure)
    client.delete(path_to("users", user))
    tell(f"The user {user} is deleted.")


@user_commands.command("rename")
def rename_user(
    user: UserArgument,
    new_name: Annotated[str, typer.Argument(metavar="NEW", help="The name that it is to have.")],
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Give a user another name. All that it may do, its tokens and its second factors go along.

    Histories keep the old name, and nobody else is given it. Programs that log in with a token have to give
    the new name with it.

    Example: entrepot user rename ada ada.lovelace
    """
    show_item(connect(server).post(f"{path_to('users', user)}:rename", {"name": new_name}), output)


@user_commands.command("merge")
def merge_users(
    user: UserArgument,
    into: Annotated[str, typer.Argument(metavar="INTO", help="The user that stays.")],
    *,
    is_rehearsal: Annotated[bool, typer.Option("--dry-run", help="Only tell what would go where.")] = False,
    is_sure: SureOption = False,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Make two users of the same person one: grants, groups and tokens of USER go to INTO, and USER is gone.

    INTO keeps its password and its second factors. Look at what will happen with --dry-run first.

    Example: entrepot user merge ada.old ada --dry-run
    """
    client = connect(server)
    if not is_rehearsal:
        question = f"Merge the user {user} into {into} at {client.target.url}? {user} is gone then for ever."
        require_sure(question, is_sure=is_sure)
    wanted = {"into": into, "dry_run": is_rehearsal}
    show_item(client.post(f"{path_to('users', user)}:merge", wanted), output)


@user_commands.command("set-password")
def set_password(
    user: UserArgument,
    *,
    is_from_stdin: NewPasswordOption = False,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Give another user a new password, as an administrator of the registry.

    A password that is made up is shown this once; where output is piped, it is all that is printed.

    Example: entrepot user set-password alice
    """
    path = path_to("users", user, "password")
    _show_password(connect(server).post(path, _chosen(is_from_stdin=is_from_stdin)), output)


@user_commands.command("change-password")
def change_password(
    *,
    is_from_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Take both from standard input, the old one first.")
    ] = False,
    server: ServerOption = "",
) -> None:
    """Change your own password. Tokens, such as that of this login, are not affected.

    Example: entrepot user change-password
    """
    client = connect(server)
    current = password_given("Password", is_from_stdin=is_from_stdin)
    new = password_given("New password", is_from_stdin=is_from_stdin, is_new=True)
    client.send("POST", client.address("users/me/password"), {"current": current, "new": new})
    tell("Your password was changed.")


@user_commands.command()
def reset_password(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The user.")],
    is_from_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Take the password from the first line of standard input.")
    ] = False,
    data: Annotated[Path | None, typer.Option(help="Folder that holds the database; default ./data.")] = None,
) -> None:
    """Give a user a new password, on the machine that holds the data folder, while the server runs or not.

    Without --password-stdin the password is made up. It is shown on a terminal only; otherwise it is
    written to a file in the data folder that only its owner can read.

    Example: entrepot user reset-password admin --data ./data
    """
    open_data_folder: OpenDataFolder = context.obj
    chosen = sys.stdin.readline().rstrip("\r\n") if is_from_stdin else None
    with open_data_folder(data) as folder:
        password = _reset(folder, name, chosen)
        if is_from_stdin:
            told = f"The password of {name} was changed."
        elif sys.stdout.isatty():
            told = f"The password of {name} is now {password}"
        else:
            path = _written_down(folder.path / f"new-password-{name}", password)
            told = f"The new password of {name} is in {path}; remove it once read."
    Console(highlight=False, soft_wrap=True).print(told, markup=False)


def _chosen(*, is_from_stdin: bool) -> Item:
    return {"password": password_given("", is_from_stdin=True)} if is_from_stdin else {}


def _show_password(answer: Item, output: Output) -> None:
    if answer.get("password") is not None:
        show_secret(answer, "password", output)
    elif output is Output.JSON or "name" in answer:
        show_item({name: value for name, value in answer.items() if name != "password"}, output)
    else:
        tell("The password was changed.")


def _reset(folder: DataFolder, name: str, password: str | None) -> str:
    passwords = PasswordChecks(system_clock)
    accounts = Accounts(folder.database, passwords, LoginThrottle(folder.database, system_clock))
    users = Users(folder.database, accounts, passwords, folder.path, system_clock)
    try:
        return asyncio.run(users.reset_password(name, password))
    finally:
        passwords.close()


def _written_down(path: Path, password: str) -> Path:
    try:
        write_secret(path, password)
    except OSError as error:
        raise PasswordNotWritten(f"the password was changed, but cannot be written to {path}: {error}") from error
    return path
