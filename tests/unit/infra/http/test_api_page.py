# SPDX-License-Identifier: Apache-2.0
"""The page that describes the management API."""

import base64
import hashlib
import re
from html.parser import HTMLParser
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from entrepot.infra.http.api_page import SECURITY_POLICY
from entrepot.infra.http.api_page import api_page

NEW_TAG = {
    "type": "object",
    "required": ["digest", "parent"],
    "properties": {
        "digest": {"type": "string", "description": "What `it` is.", "examples": ["sha256:1"]},
        "parent": {"$ref": "#/components/schemas/NewTag"},
        "count": {"anyOf": [{"type": "integer", "minimum": 1}, {"type": "null"}], "default": 5},
        "kind": {"enum": ["image", "index"]},
        "names": {"type": "array", "items": {"type": "string"}},
    },
}


def a_document(description: str = "Set a tag.") -> dict[str, Any]:
    """Describe an API of one operation."""
    operation = {
        "tags": ["tags"],
        "operationId": "set_tag",
        "summary": "Set Tag",
        "description": description,
        "parameters": [
            {"name": "name", "in": "path", "required": True, "schema": {"type": "string", "examples": ["team/app"]}},
            {"name": "tag", "in": "path", "required": True, "schema": {"type": "string"}},
            {"name": "force", "in": "query", "schema": {"type": "boolean"}, "description": description},
        ],
        "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/NewTag"}}}},
        "responses": {"204": {"description": "It is set."}, "default": {"description": "It was refused."}},
    }
    return {
        "info": {"title": "Entrepot", "version": "1"},
        "paths": {"/api/v1/repositories/{name}/-/tags/{tag}": {"put": operation}},
        "components": {"schemas": {"NewTag": NEW_TAG}},
    }


def test_an_operation_is_described_whole() -> None:
    """Its parameters, its body and every answer, each with what it means."""
    page = api_page(a_document())

    for text in ("Set a tag.", "<code>force</code> (optional)", "#schema-NewTag", "It is set.", "any other"):
        assert text in page
    assert "<a href='#set_tag'>" in page
    assert "<h3 id='set_tag'>" in page


def test_an_example_can_be_pasted_into_a_shell() -> None:
    """Examples stand for parameters, upper-case names for those without, and required fields make the body."""
    page = api_page(a_document())

    assert "curl -u NAME -X PUT" in page
    assert "/api/v1/repositories/team/app/-/tags/TAG" in page
    assert "{&quot;digest&quot;: &quot;sha256:1&quot;, &quot;parent&quot;: {}}" in page


def test_a_schema_is_described_by_its_fields() -> None:
    """Types are words, and named ones are links."""
    page = api_page(a_document())

    assert "<code>count</code> (optional)<td>integer, at least 1 or null" in page
    assert "<code>&quot;image&quot;</code> or <code>&quot;index&quot;</code>" in page
    assert "list of string" in page
    assert "What <code>it</code> is." in page


def test_the_policy_allows_the_style_of_the_page_and_nothing_else() -> None:
    """The hash in the header is that of the style in the page."""
    style = re.search("<style>(.*?)</style>", api_page(a_document()), re.DOTALL)

    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in SECURITY_POLICY


class Elements(HTMLParser):
    """Collects the names of elements."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take one."""
        self.names.add(tag)


@given(text=st.text(st.sampled_from("<>&'\"/` script=onerror"), max_size=40))
def test_text_stays_text(text: str) -> None:
    """No description can add an element to the page."""
    plain, tried = Elements(), Elements()
    plain.feed(api_page(a_document("`x`")))
    tried.feed(api_page(a_document(text)))

    assert tried.names <= plain.names
