# SPDX-License-Identifier: Apache-2.0
"""Rules in order on a server: what commands about them share, whatever the rules say."""

import sys
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated
from typing import Any

import msgspec
import typer

from entrepot.infra.remote.address import path_to
from entrepot.infra.remote.client import Client
from entrepot.infra.remote.client import Item
from entrepot.infra.remote.output import Output
from entrepot.infra.remote.output import show_item
from entrepot.infra.remote.output import show_items
from entrepot.infra.remote.output import tell

ProjectOption = Annotated[str, typer.Option("--project", help="Of this project; default: of the whole registry.")]
PlaceArgument = Annotated[
    str, typer.Argument(metavar="REPOSITORIES", help="The repositories: 'team/app', 'team/*', or 'team/**'.")
]
FileOption = Annotated[
    Path, typer.Option("--file", help="The rules as JSON, as 'list --output json' shows them; '-' for the input.")
]
NumberArgument = Annotated[int, typer.Argument(metavar="NUMBER", help="Which rule, as 'list' shows it.", min=1)]


@dataclass(frozen=True, slots=True)
class RemoteRules:
    """The rules of one noun on servers: how they are shown, and what is said where there are none."""

    noun: str
    columns: Sequence[str]
    none: str

    def path(self, project: str) -> str:
        """Return where the management API has those of a project, or of the registry."""
        return path_to("projects", project, self.noun) if project else self.noun

    def show(self, listed: Item, output: Output) -> None:
        """Show rules with their numbers."""
        rules: Sequence[Item] = listed["rules"]
        if output is Output.JSON:
            show_item(listed, output)
        elif not rules:
            tell(self.none)
        else:
            numbered = [{"number": number, **rule} for number, rule in enumerate(rules, 1)]
            show_items(numbered, ("number", *self.columns), output)

    def replace(self, client: Client, project: str, file: Path) -> Item:
        """Put the rules of a file in the place of those that there are. Raises `typer.BadParameter`."""
        document = _document_of(file)
        wanted = {name: document[name] for name in ("rules", "revision") if name in document}
        return client.put(self.path(project), wanted)

    def insert(self, client: Client, project: str, rule: Item, number: int | None = None) -> Item:
        """Add a rule in a place from 1, or at the end."""
        listed = client.get(self.path(project))
        rules = list(listed["rules"])
        rules.insert(number - 1 if number else len(rules), rule)
        return client.put(self.path(project), {"rules": rules, "revision": listed["revision"]})

    def remove(self, client: Client, project: str, number: int) -> Item:
        """Remove a rule. Raises `typer.BadParameter`."""
        listed = client.get(self.path(project))
        rules = list(listed["rules"])
        if number > len(rules):
            raise typer.BadParameter(f"there are {len(rules)} rules, and no rule {number}")
        del rules[number - 1]
        return client.put(self.path(project), {"rules": rules, "revision": listed["revision"]})


def _document_of(file: Path) -> Mapping[str, Any]:
    try:
        text = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
        return msgspec.json.decode(text, type=dict[str, Any])
    except OSError as error:
        raise typer.BadParameter(f"{file} cannot be read: {error.strerror}") from error
    except msgspec.MsgspecError as error:
        raise typer.BadParameter(f"{file} holds no JSON object: {error}") from error
