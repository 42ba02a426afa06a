# SPDX-License-Identifier: Apache-2.0
"""The description of the management API (OpenAPI 3.1) as one page for people: no script, nothing from elsewhere."""

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from collections.abc import Mapping
from html import escape
from typing import Any
from urllib.parse import quote

ORIGIN = "http://127.0.0.1:5000"
"""Where the examples send their requests."""

Schema = Mapping[str, Any]

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1c2733; }
h2 { border-bottom: 1px solid #c8d1da; padding-bottom: .3rem; margin-top: 3rem; }
h3 { margin: 2.5rem 0 .5rem; } h3 code { font-size: 1rem; } h4 { margin: 1rem 0 .3rem; }
table { border-collapse: collapse; width: 100%; }
td, th { text-align: left; vertical-align: top; padding: .3rem .6rem; }
th { background: #eef2f6; }
tr + tr td { border-top: 1px solid #e1e7ed; }
pre { background: #f4f6f8; padding: .7rem; overflow-x: auto; } .method { color: #0b5cad; } a { color: #0b5cad; }
nav li { margin: .15rem 0; } .muted { color: #5b6875; }
@media (prefers-color-scheme: dark) {
  body { background: #12181f; color: #d9e1e8; } pre, th { background: #1d2630; } a, .method { color: #7cb8f5; }
  h2 { border-color: #35414d; } tr + tr td { border-color: #2a343e; } .muted { color: #93a1ae; }
}
"""
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()

SECURITY_POLICY = f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; frame-ancestors 'none'"
"""The `Content-Security-Policy` under which the page works."""

_FIELD = re.compile(r"\{(\w+)(?::\w+)?\}")
_LIMITS = {"minimum": "at least", "maximum": "at most", "minLength": "length from", "maxLength": "length to"}


def api_page(document: Schema) -> str:
    """Render an OpenAPI document."""
    schemas = document.get("components", {}).get("schemas", {})
    operations = list(_operations(document))
    tags = list(dict.fromkeys(tag for tag, *_ in operations))
    title = f"{document['info']['title']} API"
    parts = [
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{escape(title)}</title>",
        f"<meta name=viewport content='width=device-width'><style>{_STYLE}</style><h1>{escape(title)}</h1>",
        f"<p class=muted>Version {escape(document['info']['version'])} · <a href=v1/openapi.json>openapi.json</a></p>",
        "<nav>",
    ]
    for tag in tags:
        links = (_link(method, path, each) for of, method, path, each in operations if of == tag)
        parts += [f"<h4>{escape(tag)}</h4><ul>", *links, "</ul>"]
    parts.append("</nav>")
    for tag in tags:
        parts.append(f"<h2>{escape(tag)}</h2>")
        parts += [_operation(method, path, each, schemas) for of, method, path, each in operations if of == tag]
    parts.append("<h2>Schemas</h2>")
    parts += [_schema(name, schemas[name]) for name in sorted(schemas)]
    return "\n".join(parts) + "\n"


def _operations(document: Schema) -> Iterator[tuple[str, str, str, Schema]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield (operation.get("tags") or ["other"])[0], method.upper(), path, operation


def _link(method: str, path: str, operation: Schema) -> str:
    name = escape(operation["operationId"])
    return f"<li><a href='#{name}'><code>{method} {escape(path)}</code></a> {escape(operation.get('summary', ''))}"


def _operation(method: str, path: str, operation: Schema, schemas: Schema) -> str:
    name = escape(operation["operationId"])
    body = _body_schema(operation)
    parts = [
        f"<h3 id='{name}'><code><span class=method>{method}</span> {escape(path)}</code></h3>",
        f"<p>{_prose(operation.get('description', ''))}</p>",
    ]
    if parameters := operation.get("parameters"):
        parts += ["<h4>Parameters</h4>", _table(("name", "in", "type", "what it is"), map(_parameter, parameters))]
    if body is not None:
        parts.append(f"<h4>Body</h4><p>{_type(body)}</p>")
    answers = [
        (escape(status), _content(answer), _prose(answer["description"])) for status, answer in _answers(operation)
    ]
    parts += ["<h4>Answers</h4>", _table(("status", "body", "what it means"), answers)]
    parts.append(f"<h4>Example</h4><pre>{escape(_example(method, path, operation, body, schemas))}</pre>")
    return "\n".join(parts)


def _answers(operation: Schema) -> Iterator[tuple[str, Schema]]:
    for status, answer in operation["responses"].items():
        yield ("any other" if status == "default" else status), answer


def _schema(name: str, schema: Schema) -> str:
    heading = (
        f"<h3 id='schema-{escape(name)}'><code>{escape(name)}</code></h3><p>{_prose(schema.get('description', ''))}</p>"
    )
    properties = schema.get("properties")
    if not properties:
        return f"{heading}<p>{_type(schema)}</p>"
    required = schema.get("required", ())
    rows = (
        (
            f"<code>{escape(key)}</code>{'' if key in required else ' (optional)'}",
            _type(each),
            _prose(each.get("description", "")),
        )
        for key, each in properties.items()
    )
    return heading + _table(("name", "type", "what it is"), rows)


def _table(head: tuple[str, ...], rows: Any) -> str:
    heading = "".join(f"<th>{each}" for each in head)
    body = "".join("<tr>" + "".join(f"<td>{cell}" for cell in row) for row in rows)
    return f"<table><tr>{heading}{body}</table>"


def _parameter(parameter: Schema) -> tuple[str, ...]:
    optional = "" if parameter.get("required") else " (optional)"
    name = f"<code>{escape(parameter['name'])}</code>{optional}"
    return name, escape(parameter["in"]), _type(parameter["schema"]), _prose(parameter.get("description", ""))


def _content(answer: Schema) -> str:
    return "<br>".join(
        f"{_type(each.get('schema', {}))} <span class=muted>{escape(media_type)}</span>"
        for media_type, each in answer.get("content", {}).items()
    )


def _type(schema: Schema) -> str:
    """Describe a type in HTML, with links to named ones."""
    if "$ref" in schema:
        name = escape(schema["$ref"].rpartition("/")[2])
        return f"<a href='#schema-{name}'>{name}</a>"
    if "enum" in schema or "const" in schema:
        return " or ".join(
            f"<code>{escape(json.dumps(each))}</code>" for each in schema.get("enum", [schema.get("const")])
        )
    for several in ("anyOf", "oneOf", "allOf"):
        if several in schema:
            return " or ".join(map(_type, schema[several]))
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    limits = "".join(f", {words} {schema[key]}" for key, words in _LIMITS.items() if key in schema)
    kind = str(schema.get("format") or schema.get("type") or "anything")
    default = f", default <code>{escape(json.dumps(schema['default']))}</code>" if schema.get("default") else ""
    return f"{escape(kind)}{escape(limits)}{default}"


def _prose(text: str) -> str:
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text, quote=False))


def _body_schema(operation: Schema) -> Schema | None:
    content = operation.get("requestBody", {}).get("content", {})
    schema: Schema | None = content.get("application/json", {}).get("schema")
    return schema


def _example(method: str, path: str, operation: Schema, body: Schema | None, schemas: Schema) -> str:
    given = {each["name"]: each["schema"] for each in operation.get("parameters", ()) if each["in"] == "path"}
    target = _FIELD.sub(lambda field: _path_example(field[1], given.get(field[1], {})), path)
    options = "" if method == "GET" else f" -X {method}"
    if body is not None:
        content = json.dumps(_value(body, schemas, set()), ensure_ascii=False)
        options += f" -H 'Content-Type: application/json' \\\n    -d '{content}'"
    return f"curl -u NAME{options} \\\n    '{ORIGIN}{target}'"


def _path_example(name: str, schema: Schema) -> str:
    examples = schema.get("examples")
    return quote(str(examples[0])) if examples else name.upper()


def _value(schema: Schema, schemas: Schema, within: set[str]) -> Any:
    """Make up a value: what is required, from examples and defaults where there are any."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return {} if name in within else _value(schemas[name], schemas, within | {name})
    if schema.get("examples"):
        return schema["examples"][0]
    if "default" in schema:
        return schema["default"]
    if "enum" in schema:
        return schema["enum"][0]
    for several in ("anyOf", "oneOf", "allOf"):
        if several in schema:
            return _value(schema[several][0], schemas, within)
    if "properties" in schema:
        required = schema.get("required", ())
        return {key: _value(each, schemas, within) for key, each in schema["properties"].items() if key in required}
    plain: dict[str, Any] = {"integer": 1, "number": 1, "boolean": True, "array": [], "object": {}}
    return plain.get(schema.get("type", ""), "…")
