# SPDX-License-Identifier: Apache-2.0
"""`entrepot webhooks`: telling other systems what happens, on a server."""

import sys
from pathlib import Path
from typing import Annotated
from typing import Any

import typer

from entrepot.features.webhooks.models import DeliveryState
from entrepot.features.webhooks.models import WebhookFormat
from entrepot.infra.remote.address import path_to
from entrepot.infra.remote.client import Client
from entrepot.infra.remote.client import Item
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
from entrepot.infra.remote.output import show_secret
from entrepot.infra.remote.output import tell

webhook_commands = command_group("webhooks", "Webhooks: other systems hear about what happens.")

ProjectOption = Annotated[
    str, typer.Option("--project", metavar="PROJECT", help="Of a project; default: of the registry.")
]
NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="The name of a webhook, as 'list' shows it.")]
UrlOption = Annotated[str, typer.Option("--url", metavar="URL", help="Where requests go.")]
EventOption = Annotated[
    list[str] | None,
    typer.Option("--event", metavar="NAME", help="Tell of tag.moved, tag.*, or *; may be repeated."),
]
PathOption = Annotated[
    list[str] | None,
    typer.Option("--path", metavar="PATTERN", help="Only of repositories such as 'team/app'; may be repeated."),
]
FormatOption = Annotated[WebhookFormat | None, typer.Option("--format", help="What a request looks like.")]
TemplateOption = Annotated[Path | None, typer.Option("--template", help="File with an own template; '-' for input.")]
TypeOption = Annotated[str, typer.Option("--content-type", help="What the template makes; default: application/json.")]
HeaderOption = Annotated[
    list[str] | None,
    typer.Option("--header", metavar="NAME=VALUE", help="Send this besides; may be repeated. It is kept secret."),
]

_COLUMNS = ("name", "format", "url", "is_paused", "failing_since", "delivered_at", "owner")
_DELIVERIES = ("id", "type", "subject", "state", "attempts", "status", "occurred_at", "reason")
_TERMS = ("name", "url", "events", "paths", "format", "template", "content_type")


@webhook_commands.command("list")
def list_webhooks(
    project: ProjectOption = "",
    limit: LimitOption = None,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """List the webhooks of a project, or of the registry.

    Example: entrepot webhooks list --project team
    """
    show_items(_all(connect(server), project, limit), _COLUMNS, output)


@webhook_commands.command("show")
def show_webhook(
    name: NameArgument, project: ProjectOption = "", output: OutputOption = Output.TABLE, server: ServerOption = ""
) -> None:
    """Show a webhook.

    Example: entrepot webhooks show deploy --project team
    """
    client = connect(server)
    show_item(client.get(_path(client, project, name)), output)


@webhook_commands.command("create")
def create_webhook(  # noqa: PLR0913 - the options of the command
    name: Annotated[str, typer.Argument(metavar="NAME", help="A name for it: a-z, 0-9, '.', '_' and '-'.")],
    url: UrlOption,
    project: ProjectOption = "",
    event: EventOption = None,
    path: PathOption = None,
    format_: FormatOption = None,
    template: TemplateOption = None,
    content_type: TypeOption = "",
    header: HeaderOption = None,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Make a webhook. Its secret is shown this once; without --event it tells of everything but pulls.

    Example: entrepot webhooks create deploy --project team --url https://hooks.example.org/x --event 'tag.*'
    """
    wanted: dict[str, Any] = {"name": name, "url": url, "project": project or None}
    wanted |= _given(event, path, format_, template, content_type, header)
    made = connect(server).post("webhooks", wanted)
    show_secret(made, "secret", output, hint="Receivers verify signatures with it.")


@webhook_commands.command("set")
def set_webhook(  # noqa: PLR0913 - the options of the command
    name: NameArgument,
    project: ProjectOption = "",
    url: UrlOption = "",
    event: EventOption = None,
    path: PathOption = None,
    format_: FormatOption = None,
    template: TemplateOption = None,
    content_type: TypeOption = "",
    header: HeaderOption = None,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Change a webhook: what is not given stays. It is yours from then on, and tells what you may read.

    Example: entrepot webhooks set deploy --project team --event tag.moved --event tag.created
    """
    client = connect(server)
    at = _path(client, project, name)
    found = client.get(at)
    wanted = {each: found[each] for each in (*_TERMS, "revision")} | ({"url": url} if url else {})
    wanted |= _given(event, path, format_, template, content_type, header)
    if wanted["format"] != WebhookFormat.TEMPLATE.value:
        wanted["template"] = ""
    show_item(client.put(at, wanted), output)


@webhook_commands.command("delete")
def delete_webhook(
    name: NameArgument, project: ProjectOption = "", *, is_sure: SureOption = False, server: ServerOption = ""
) -> None:
    """Delete a webhook and its log.

    Example: entrepot webhooks delete deploy --project team --yes
    """
    client = connect(server)
    at = _path(client, project, name)
    require_sure(f"Delete the webhook {name} at {client.target.url}, and what it has yet to send?", is_sure=is_sure)
    client.delete(at)
    tell(f"The webhook {name} is deleted.")


@webhook_commands.command("test")
def try_webhook(
    name: NameArgument, project: ProjectOption = "", output: OutputOption = Output.TABLE, server: ServerOption = ""
) -> None:
    """Send an event that says that it is a test, and show what comes of it.

    Example: entrepot webhooks test deploy --project team
    """
    client = connect(server)
    _show(client.post(f"{_path(client, project, name)}:test", {}), output)


@webhook_commands.command("deliveries")
def list_deliveries(  # noqa: PLR0913 - the options of the command
    name: NameArgument,
    delivery: Annotated[str, typer.Argument(metavar="[DELIVERY]", help="Show this one, with what was answered.")] = "",
    project: ProjectOption = "",
    state: Annotated[DeliveryState | None, typer.Option("--state", help="Only those that stand so.")] = None,
    limit: LimitOption = None,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """List what was and is delivered, the newest first; or show one delivery.

    Example: entrepot webhooks deliveries deploy --project team --state failed
    """
    client = connect(server)
    at = f"{_path(client, project, name)}/deliveries"
    if delivery:
        _show(client.get(f"{at}/{delivery}"), output)
        return
    query = {"state": state.value} if state else {}
    show_items(client.items(at, limit, **query), _DELIVERIES, output)


@webhook_commands.command("redeliver")
def redeliver(
    name: NameArgument,
    delivery: Annotated[str, typer.Argument(metavar="[DELIVERY]", help="The id of one.")] = "",
    project: ProjectOption = "",
    failed_since: Annotated[
        str, typer.Option("--failed-since", metavar="TIME", help="All that was given up since 2026-01-31T12:00:00Z.")
    ] = "",
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Send a delivery again, or all that were given up since a moment.

    Example: entrepot webhooks redeliver deploy --project team --failed-since 2026-01-31T12:00:00Z
    """
    if bool(delivery) == bool(failed_since):
        raise typer.BadParameter("name a delivery, or give --failed-since")
    client = connect(server)
    at = f"{_path(client, project, name)}/deliveries"
    if delivery:
        sent = client.post(f"{at}/{delivery}:redeliver", {})
        show_item({each: sent[each] for each in _DELIVERIES}, output)
    else:
        show_item(client.post(f"{at}:redeliver", {"since": failed_since}), output)


@webhook_commands.command("rotate")
def rotate_webhook(
    name: NameArgument,
    project: ProjectOption = "",
    overlap: Annotated[
        int, typer.Option("--overlap-minutes", help="So long requests carry both signatures.", min=0)
    ] = 24 * 60,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Give a webhook a new secret, which is shown this once.

    Example: entrepot webhooks rotate deploy --project team --overlap-minutes 60
    """
    client = connect(server)
    made = client.post(f"{_path(client, project, name)}:rotate", {"overlap_minutes": overlap})
    show_secret(made, "secret", output, hint="The old one is signed with until it ends.")


@webhook_commands.command("pause")
def pause_webhook(
    name: NameArgument,
    project: ProjectOption = "",
    reason: Annotated[str, typer.Option("--reason", help="Why.")] = "",
    server: ServerOption = "",
) -> None:
    """Send nothing until it is resumed; what happens meanwhile waits.

    Example: entrepot webhooks pause deploy --project team --reason maintenance
    """
    client = connect(server)
    client.post(f"{_path(client, project, name)}:pause", {"reason": reason})
    tell(f"The webhook {name} is paused.")


@webhook_commands.command("resume")
def resume_webhook(name: NameArgument, project: ProjectOption = "", server: ServerOption = "") -> None:
    """Send again, beginning with what has waited.

    Example: entrepot webhooks resume deploy --project team
    """
    client = connect(server)
    client.post(f"{_path(client, project, name)}:resume", {})
    tell(f"The webhook {name} sends again.")


def _given(
    event: list[str] | None,
    path: list[str] | None,
    format_: WebhookFormat | None,
    template: Path | None,
    content_type: str,
    header: list[str] | None,
) -> dict[str, Any]:
    """Return what options say."""
    given: dict[str, Any] = {"events": event, "paths": path, "content_type": content_type or None}
    given["format"] = WebhookFormat.TEMPLATE.value if template else (format_.value if format_ else None)
    if template is not None:
        given["template"] = sys.stdin.read() if str(template) == "-" else template.read_text(encoding="utf-8")
    if header is not None:
        given["headers"] = dict(_header(each) for each in header)
    return {name: value for name, value in given.items() if value is not None}


def _header(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise typer.BadParameter("write NAME=VALUE", param_hint="--header")
    return name.strip(), value


def _all(client: Client, project: str, limit: int | None = None) -> list[Item]:
    return client.items("webhooks", limit, **({"project": project} if project else {}))


def _path(client: Client, project: str, name: str) -> str:
    """Return where the webhook of a name is."""
    for each in _all(client, project):
        if each["name"] == name:
            return path_to("webhooks", each["id"])
    place = f"the project {project}" if project else "the registry"
    raise typer.BadParameter(f"there is no webhook {name} of {place}", param_hint="NAME")


def _show(delivery: Item, output: Output) -> None:
    """Show a delivery, and below it the newest attempt."""
    if output is Output.JSON:
        show_item(delivery, output)
        return
    show_item({name: delivery[name] for name in _DELIVERIES}, output)
    for attempt in delivery["log"][:1]:
        tell(f"\nSent, in {attempt['duration_ms']} ms:")
        tell(attempt["request_body"])
        tell(f"\nAnswered: {attempt['status'] or attempt['error']}")
        tell(attempt["response_body"])
