# SPDX-License-Identifier: Apache-2.0
"""`entrepot events`: what happens on a server."""

import json
import sys
from contextlib import suppress
from typing import Annotated
from typing import Any

import typer

from entrepot.features.events.models import StreamFormat
from entrepot.infra.remote.event_source import EventSource
from entrepot.infra.remote.event_source import SentEvent
from entrepot.infra.remote.options import OutputOption
from entrepot.infra.remote.options import ServerOption
from entrepot.infra.remote.options import connect
from entrepot.infra.remote.output import Output
from entrepot.infra.remote.output import tell

MISSED = "reset"
"""The name of the event that says that others were missed."""


def events(  # noqa: PLR0913 - one for each flag
    last: Annotated[int, typer.Option("--last", help="Look so many events back.", min=0, max=1_000)] = 100,
    repository: Annotated[str, typer.Option("--repository", help="Only of this repository.")] = "",
    project: Annotated[str, typer.Option("--project", help="Only of this project.")] = "",
    type_: Annotated[str, typer.Option("--type", help="Only of this type, such as tag.moved.")] = "",
    format_: Annotated[
        StreamFormat, typer.Option("--format", help="cloudevents: each a CloudEvent 1.0 in JSON, on a line of its own.")
    ] = StreamFormat.PLAIN,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
    *,
    follow: Annotated[bool, typer.Option("--follow", help="Go on with what happens from now on.")] = False,
) -> None:
    """Show what happened in the repositories that you may pull from, a line for each event.

    Example: entrepot events --follow --project team
    """
    is_cloud = format_ is StreamFormat.CLOUDEVENTS
    given = {
        "format": format_.value if is_cloud else "",
        "repository": repository,
        "project": project,
        "type": type_,
        "last": str(last),
    }
    source = EventSource(connect(server), "events", {name: value for name, value in given.items() if value})
    with suppress(KeyboardInterrupt):
        for event in source.events(is_followed=follow):
            _show(event, Output.JSON if is_cloud else output)


def _show(event: SentEvent, output: Output) -> None:
    if event.name == MISSED:
        sys.stderr.write("Some events were missed: there were too many, or they are too old to be kept.\n")
    elif output is Output.JSON:
        sys.stdout.write(f"{event.data}\n")
        sys.stdout.flush()
    else:
        for line in _lines(json.loads(event.data)):
            tell(line)


def _lines(data: dict[str, Any]) -> list[str]:
    """Say what happened in a line; of use, in a line for each thing that was used."""
    begin = f"{data['occurred_at']}  {data['type']:<19}"
    if "uses" in data:
        return [
            f"{begin}  {_named(use)}  {'pulled' if use['is_pull'] else 'looked at'} {use['count']} times"
            for use in data["uses"]
        ]
    if "mode" in data:
        return [f"{begin}  {data.get('project', 'the registry')}: {data['mode']}  {data.get('principal', '')}"]
    return [f"{begin}  {_named(data)}  {data.get('principal', '')}"]


def _named(thing: dict[str, Any]) -> str:
    tag, digest = thing.get("tag"), thing.get("digest")
    return f"{thing.get('repository', '')}{f':{tag}' if tag else ''}{f'@{digest}' if digest else ''}"
