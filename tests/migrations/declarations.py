# SPDX-License-Identifier: Apache-2.0
"""What the engine itself says of every table and index."""

from sqlalchemy import Connection
from sqlalchemy import text

Declarations = dict[str, list[str]]

_SQLITE = "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL"
_COLUMNS = text("""
SELECT 'table', t.relname, concat_ws(
    ' ', a.attname, format_type(a.atttypid, a.atttypmod), CASE WHEN a.attnotnull THEN 'NOT NULL' END,
    nullif(a.attidentity, ''), c.collname, pg_get_expr(d.adbin, d.adrelid), col_description(t.oid, a.attnum)
)
FROM pg_attribute a
JOIN pg_class t ON t.oid = a.attrelid
LEFT JOIN pg_collation c ON c.oid = a.attcollation
LEFT JOIN pg_attrdef d ON d.adrelid = t.oid AND d.adnum = a.attnum
WHERE t.relkind = 'r' AND t.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped
UNION ALL
SELECT 'table', conrelid::regclass::text, conname || ' ' || pg_get_constraintdef(oid)
FROM pg_constraint WHERE connamespace = 'public'::regnamespace
UNION ALL
SELECT 'table', relname, obj_description(oid)
FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
UNION ALL
SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
""")


def declarations(connection: Connection) -> Declarations:
    """Return the parts of what each was declared with, sorted; but not of the table of revisions."""
    found: Declarations = {}
    if connection.dialect.name == "sqlite":
        for kind, name, sql in connection.exec_driver_sql(_SQLITE):
            found[f"{kind} {name}"] = _parts(sql)
    else:
        for kind, name, part in connection.execute(_COLUMNS):
            found.setdefault(f"{kind} {name}", []).append(part or "")
    return {name: sorted(parts) for name, parts in found.items() if "alembic_version" not in name}


def _parts(sql: str) -> list[str]:
    """Split a declaration at the commas that are not in brackets."""
    head, _, rest = " ".join(sql.split()).partition("(")
    body, _, tail = rest.rpartition(")")
    parts, depth, part = [head.strip(), tail.strip()], 0, ""
    for character in body:
        depth += {"(": 1, ")": -1}.get(character, 0)
        if character == "," and depth == 0:
            parts.append(part.strip())
            part = ""
        else:
            part += character
    return [*parts, part.strip()]
