# SPDX-License-Identifier: Apache-2.0
"""What alembic runs for every command; the connection is handed in by `infra.database.schema`."""

from typing import Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import String

from entrepot.infra.database.metadata import metadata


def _render(kind: str, item: object, autogen_context: AutogenContext) -> str | Literal[False]:
    """Write types that differ by engine the way tables declare them."""
    mapping = getattr(item, "_variant_mapping", {})
    if kind == "type" and "postgresql" in mapping and isinstance(item, String):
        autogen_context.imports.add("from entrepot.infra.database.metadata import bytewise")
        return f"bytewise({item.length})"
    if kind == "type" and "sqlite" in mapping:
        autogen_context.imports.add("from entrepot.infra.database.metadata import RowId")
        return "RowId"
    return False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    transactional_ddl=False,
    render_as_batch=True,
    render_item=_render,
    compare_type=True,
    compare_server_default=True,
    on_version_apply=context.config.attributes.get("on_version_apply", ()),
)
context.run_migrations()
