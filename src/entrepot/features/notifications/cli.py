# SPDX-License-Identifier: Apache-2.0
"""`entrepot notifications`: what you hear of, and what is watched, on a server."""

from typing import Annotated
from typing import Any

import typer

from entrepot.features.notifications.models import Channels
from entrepot.features.notifications.models import Digest
from entrepot.infra.remote.address import path_to
from entrepot.infra.remote.options import LimitOption
from entrepot.infra.remote.options import OutputOption
from entrepot.infra.remote.options import ServerOption
from entrepot.infra.remote.options import command_group
from entrepot.infra.remote.options import connect
from entrepot.infra.remote.output import Output
from entrepot.infra.remote.output import show_item
from entrepot.infra.remote.output import show_items
from entrepot.infra.remote.output import tell

notification_commands = command_group("notifications", "Notifications: what you hear of, in the console and by mail.")

_COLUMNS = ("id", "severity", "text", "count", "last_at", "is_read")
_KINDS = ("name", "severity", "channels", "is_essential", "about")
_MUTES = ("id", "kind", "project", "repository", "until")
_RULES = ("name", "is_enabled", "levels", "unit", "window_minutes", "capacity_bytes", "changed_by")
_MAILS = ("id", "person", "address", "state", "notifications", "held_back", "attempts", "error", "created_at")
_CHOSEN = ("digest", "hour", "weekday", "time_zone", "kinds")

RuleArgument = Annotated[str, typer.Argument(metavar="RULE", help="The name of a rule, as 'rules' shows it.")]


@notification_commands.command("list")
def list_notifications(
    unread: Annotated[bool, typer.Option("--unread", help="Only what you have not read.")] = False,
    limit: LimitOption = None,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """List what you heard of, the newest first.

    Example: entrepot notifications list --unread
    """
    query = {"unread": "true"} if unread else {}
    show_items(connect(server).items("notifications", limit, **query), _COLUMNS, output)


@notification_commands.command("read")
def read_notifications(
    notification: Annotated[list[str], typer.Argument(metavar="ID...", help="Which; 'all' for everything.")],
    server: ServerOption = "",
) -> None:
    """Note that you have read some.

    Example: entrepot notifications read all
    """
    client = connect(server)
    wanted: dict[str, Any] = {"ids": notification}
    if notification == ["all"]:
        newest = client.items("notifications", 1)
        wanted = {"until": newest[0]["id"]} if newest else {}
    left = client.post("notifications:read", wanted)
    tell(f"{left['unread']} are left.")


@notification_commands.command("kinds")
def list_kinds(output: OutputOption = Output.TABLE, server: ServerOption = "") -> None:
    """List everything that you can hear of.

    Example: entrepot notifications kinds
    """
    show_items(connect(server).items("notifications/kinds", None), _KINDS, output)


@notification_commands.command("preferences")
def show_preferences(output: OutputOption = Output.TABLE, server: ServerOption = "") -> None:
    """Show how you hear of things.

    Example: entrepot notifications preferences
    """
    show_item(connect(server).get("notifications/preferences"), output)


@notification_commands.command("set")
def set_preferences(  # noqa: PLR0913 - the options of the command
    kind: Annotated[
        list[str] | None,
        typer.Option("--kind", metavar="KIND=CHANNEL", help="console, e-mail, both or none; may be repeated."),
    ] = None,
    digest: Annotated[Digest | None, typer.Option("--digest", help="How often you get mail.")] = None,
    hour: Annotated[int | None, typer.Option("--hour", help="The hour of your day of a digest.", min=0, max=23)] = None,
    weekday: Annotated[
        int | None, typer.Option("--weekday", help="Of a weekly one: 0 is Monday.", min=0, max=6)
    ] = None,
    time_zone: Annotated[str, typer.Option("--time-zone", metavar="ZONE", help="Such as Europe/Berlin.")] = "",
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Change how you hear of things; what is left out stays.

    Example: entrepot notifications set --digest daily --hour 8 --time-zone Europe/Berlin --kind tag.expiring=console
    """
    client = connect(server)
    found = client.get("notifications/preferences")
    wanted = {name: found[name] for name in _CHOSEN}
    given = {"digest": digest and digest.value, "hour": hour, "weekday": weekday, "time_zone": time_zone or None}
    wanted |= {name: value for name, value in given.items() if value is not None}
    wanted["kinds"] |= dict(_chosen(each) for each in kind or ())
    show_item(client.put("notifications/preferences", wanted), output)


@notification_commands.command("address")
def set_address(
    address: Annotated[str, typer.Argument(metavar="[ADDRESS]", help="Send a code there.")] = "",
    code: Annotated[str, typer.Option("--code", help="The code that came.")] = "",
    remove: Annotated[bool, typer.Option("--remove", help="Get no more mail.")] = False,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Have mail sent to an address of yours: name it, then give back the code that comes there.

    Example: entrepot notifications address ada@example.org
    """
    if sum(map(bool, (address, code, remove))) != 1:
        raise typer.BadParameter("name an address, or give --code or --remove")
    client = connect(server)
    if remove:
        client.delete("notifications/address")
        tell("No more mail is sent to you.")
    elif code:
        show_item(client.post("notifications/address:confirm", {"code": code}), output)
    else:
        client.put("notifications/address", {"address": address})
        tell(f"A code is on its way to {address}; give it with --code.")


@notification_commands.command("mutes")
def list_mutes(output: OutputOption = Output.TABLE, server: ServerOption = "") -> None:
    """List what you do not want to hear of.

    Example: entrepot notifications mutes
    """
    show_items(connect(server).items("notifications/mutes", None), _MUTES, output)


@notification_commands.command("mute")
def mute(
    kind: Annotated[str, typer.Option("--kind", metavar="KIND", help="This kind.")] = "",
    project: Annotated[str, typer.Option("--project", metavar="PROJECT", help="In this project.")] = "",
    repository: Annotated[str, typer.Option("--repository", metavar="NAME", help="In this repository.")] = "",
    until: Annotated[str, typer.Option("--until", metavar="TIME", help="Default: for ever.")] = "",
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Hear no more of a kind, a project or a repository.

    Example: entrepot notifications mute --project team --until 2026-12-31T00:00:00Z
    """
    wanted = {"kind": kind, "project": project, "repository": repository, "until": until or None}
    show_item(connect(server).post("notifications/mutes", wanted), output)


@notification_commands.command("unmute")
def unmute(
    mute_id: Annotated[str, typer.Argument(metavar="ID", help="As 'mutes' shows it.")], server: ServerOption = ""
) -> None:
    """Hear of it again.

    Example: entrepot notifications unmute 01JD2F7ZK3Q8V5T6X9Y0B1C2D4
    """
    connect(server).delete(path_to("notifications/mutes", mute_id))
    tell("You hear of it again.")


@notification_commands.command("rules")
def list_rules(output: OutputOption = Output.TABLE, server: ServerOption = "") -> None:
    """List the thresholds that are watched.

    Example: entrepot notifications rules
    """
    show_items(connect(server).items("notifications/rules", None), _RULES, output)


@notification_commands.command("set-rule")
def set_rule(  # noqa: PLR0913 - the options of the command
    rule: RuleArgument,
    level: Annotated[
        list[int] | None, typer.Option("--level", help="From where on people hear of it; may be repeated.")
    ] = None,
    window: Annotated[int | None, typer.Option("--window-minutes", help="How far back it looks.")] = None,
    capacity: Annotated[int | None, typer.Option("--capacity-bytes", help="Of 'storage': its size.")] = None,
    enabled: Annotated[bool | None, typer.Option("--enable/--disable", help="Whether it is watched.")] = None,
    reset: Annotated[bool, typer.Option("--reset", help="Let it say what it says by itself.")] = False,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Change a threshold; what is left out stays.

    Example: entrepot notifications set-rule storage --level 85 --level 95
    """
    client, at = connect(server), path_to("notifications/rules", rule)
    if reset:
        client.delete(at)
        tell(f"The rule {rule} says what it says by itself.")
        return
    found = next((each for each in client.items("notifications/rules", None) if each["name"] == rule), None)
    if found is None:
        raise typer.BadParameter(f"there is no rule {rule}", param_hint="RULE")
    names = ("is_enabled", "levels", "window_minutes", "capacity_bytes", "revision")
    given = {"is_enabled": enabled, "levels": level, "window_minutes": window, "capacity_bytes": capacity}
    wanted = {name: found[name] for name in names} | {key: each for key, each in given.items() if each is not None}
    show_item(client.put(at, wanted), output)


@notification_commands.command("mails")
def list_mails(limit: LimitOption = None, output: OutputOption = Output.TABLE, server: ServerOption = "") -> None:
    """List mails that were or are to be sent, the newest first.

    Example: entrepot notifications mails --limit 20
    """
    show_items(connect(server).items("notifications/mails", limit), _MAILS, output)


@notification_commands.command("test-mail")
def try_mail(
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="Whom to write to.")], server: ServerOption = ""
) -> None:
    """Send a mail that says that it is a test, to see whether the registry can send any.

    Example: entrepot notifications test-mail ada@example.org
    """
    connect(server).post("notifications/mails:test", {"address": address})
    tell(f"The mail server took a mail to {address}.")


def _chosen(text: str) -> tuple[str, str]:
    name, equals, channel = text.partition("=")
    if not equals or channel not in set(Channels):
        raise typer.BadParameter("write KIND=CHANNEL, as in tag.expiring=console", param_hint="--kind")
    return name, channel
