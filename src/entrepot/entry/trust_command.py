# SPDX-License-Identifier: Apache-2.0
"""`entrepot trust`: have the clients of this machine trust a registry's local authority."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from entrepot.infra.http.tls.trust import PROGRAMS
from entrepot.infra.http.tls.trust import clients_here
from entrepot.infra.http.tls.trust import fetch_authority
from entrepot.infra.http.tls.trust import notes_for
from entrepot.infra.http.tls.trust import steps_for
from entrepot.kernel.errors import InvalidRequest


def trust(
    url: Annotated[str, typer.Argument(help="Address of a server with --tls auto, such as https://host:5000.")],
    fingerprint: Annotated[str, typer.Option(help="Fingerprint of its authority, as the server prints it at start.")],
    clients: Annotated[
        str, typer.Option("--for", help=f"Of {', '.join(PROGRAMS)}, separated by commas; default: all that are here.")
    ] = "",
    root: Annotated[Path, typer.Option(help="Write below this folder, and run nothing: to prepare an image.")] = Path(
        "/"
    ),
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
) -> None:
    """Have docker, podman, containerd, kind and helm on this machine trust a registry that made its own authority.

    Example: entrepot trust https://registry.example:5000 --fingerprint sha256:93ab…
    """
    console = Console(highlight=False, soft_wrap=True)
    chosen = tuple(clients.replace(",", " ").split()) or clients_here()
    unknown = sorted(set(chosen) - set(PROGRAMS))
    if unknown or not chosen:
        cause = f"{', '.join(unknown)} is no client that is known" if unknown else "none of the clients is installed"
        raise InvalidRequest(cause, hint=f"Name some of them with --for {','.join(PROGRAMS)}")
    authority = fetch_authority(url, fingerprint)
    for step in steps_for(authority, chosen, root):
        console.print(f"{'would ' if dry_run else ''}{step}", markup=False)
        if not dry_run:
            step.carry_out()
    for note in notes_for(chosen, root):
        console.print(note, markup=False)
    if not dry_run:
        console.print(f"Trusted by {', '.join(chosen)}: {', '.join(authority.registries)}", markup=False)
