# SPDX-License-Identifier: Apache-2.0
"""`entrepot approval`: what takes a second person, and what a second person has to say."""

from pathlib import Path
from typing import Annotated

import typer

from entrepot.features.approvals.rules import end_all
from entrepot.features.approvals.service import Listed
from entrepot.infra.remote.address import path_to
from entrepot.infra.remote.options import LimitOption
from entrepot.infra.remote.options import OutputOption
from entrepot.infra.remote.options import ServerOption
from entrepot.infra.remote.options import SureOption
from entrepot.infra.remote.options import command_group
from entrepot.infra.remote.options import connect
from entrepot.infra.remote.options import require_sure
from entrepot.infra.remote.output import Output
from entrepot.infra.remote.output import show_item
from entrepot.infra.remote.output import show_items
from entrepot.infra.remote.output import tell
from entrepot.kernel.clock import system_clock
from entrepot.registry.four_eyes import Act
from entrepot.registry.platform import OpenDataFolder

approval_commands = command_group("approval", "Approvals: acts that take a second person.")
rule_commands = typer.Typer(name="rules", help="Which acts take a second person.", no_args_is_help=True)
approval_commands.add_typer(rule_commands)

IdArgument = Annotated[str, typer.Argument(metavar="ID", help="Its id, as 'approval list' shows it.")]
ActArgument = Annotated[Act, typer.Argument(metavar="ACT", help="What takes a second person.")]
ActsArgument = Annotated[
    list[Act] | None, typer.Argument(metavar="[ACT]...", help="All that are to; none for nothing.")
]
CommentOption = Annotated[str, typer.Option("--comment", help="What there is to say, in one line.")]


@approval_commands.command("list")
def list_approvals(
    *,
    are_waiting: Annotated[bool, typer.Option("--waiting", help="Those that you may decide about.")] = False,
    are_all: Annotated[bool, typer.Option("--all", help="Everybody's; for whoever may read the audit log.")] = False,
    limit: LimitOption = None,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """List the approvals that you asked for, newest first; or those that wait for you.

    Example: entrepot approval list --waiting
    """
    listed = Listed.ALL if are_all else Listed.WAITING if are_waiting else Listed.MINE
    items = connect(server).items("approvals", limit, list=listed.value)
    show_items(items, ("id", "act", "target", "state", "requested_by", "reason", "expires_at"), output)


@approval_commands.command("show")
def show_approval(approval: IdArgument, output: OutputOption = Output.TABLE, server: ServerOption = "") -> None:
    """Show an approval.

    Example: entrepot approval show 01JD2F7ZK3Q8V5T6X9Y0B1C2D4
    """
    show_item(connect(server).get(path_to("approvals", approval)), output)


@approval_commands.command("request")
def request_approval(
    act: ActArgument,
    target: Annotated[str, typer.Argument(metavar="TARGET", help="What it is done to, as the refusal says.")],
    reason: Annotated[str, typer.Option("--reason", help="What it is needed for, in one line.")],
    hours: Annotated[
        int | None, typer.Option("--hours", min=0, help="For how long what it gives may last; default: for good.")
    ] = None,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Ask a second person to let you do something, once. The refusal of the act says this command.

    Example: entrepot approval request project.delete team --reason 'It has moved to another registry'
    """
    wanted = {"act": act.value, "target": target, "hours": hours, "reason": reason}
    show_item(connect(server).post("approvals", wanted), output)


@approval_commands.command("approve")
def approve(
    approval: IdArgument, comment: CommentOption = "", output: OutputOption = Output.TABLE, server: ServerOption = ""
) -> None:
    """Let another person do something, once, that you may do too.

    Example: entrepot approval approve 01JD2F7ZK3Q8V5T6X9Y0B1C2D4 --comment 'Agreed in the review'
    """
    show_item(connect(server).post(f"{path_to('approvals', approval)}:approve", {"comment": comment}), output)


@approval_commands.command("reject")
def reject(
    approval: IdArgument, comment: CommentOption = "", output: OutputOption = Output.TABLE, server: ServerOption = ""
) -> None:
    """Do not let another person do something, or not any more.

    Example: entrepot approval reject 01JD2F7ZK3Q8V5T6X9Y0B1C2D4 --comment 'Not before the audit'
    """
    show_item(connect(server).post(f"{path_to('approvals', approval)}:reject", {"comment": comment}), output)


@approval_commands.command("withdraw")
def withdraw(approval: IdArgument, server: ServerOption = "") -> None:
    """Give up what you asked for.

    Example: entrepot approval withdraw 01JD2F7ZK3Q8V5T6X9Y0B1C2D4
    """
    connect(server).post(f"{path_to('approvals', approval)}:withdraw", {})
    tell(f"The approval {approval} is withdrawn.")


@rule_commands.command("show")
def show_rules(output: OutputOption = Output.TABLE, server: ServerOption = "") -> None:
    """Show which acts take a second person.

    Example: entrepot approval rules show
    """
    show_items(connect(server).get("approvals/rules")["items"], ("act", "since", "set_by"), output)


@rule_commands.command("set")
def set_rules(acts: ActsArgument = None, output: OutputOption = Output.TABLE, server: ServerOption = "") -> None:
    """Set which acts take a second person. To leave one out takes the approval of a second person itself.

    Example: entrepot approval rules set administrator.add guardrail.weaken project.delete
    """
    done = connect(server).put("approvals/rules", {"acts": [act.value for act in acts or []]})
    show_items(done["items"], ("act", "since", "set_by"), output)


@rule_commands.command("end")
def end_rules(
    context: typer.Context,
    data: Annotated[Path | None, typer.Option("--data", help="Data folder; default: the configured one.")] = None,
    *,
    is_sure: SureOption = False,
) -> None:
    """Let nothing take a second person any more, on the machine that holds the data folder.

    For when there is no second person left. It is recorded.

    Example: entrepot approval rules end --data ./data --yes
    """
    open_data_folder: OpenDataFolder = context.obj
    with open_data_folder(data) as folder:
        require_sure(f"Let nothing in {folder.path} take a second person any more?", is_sure=is_sure)
        ended = folder.database.write_now(end_all, system_clock())
    tell(f"These take no second person any more: {', '.join(ended)}" if ended else "Nothing took a second person.")
