# SPDX-License-Identifier: Apache-2.0
"""Names of schemas in the OpenAPI document."""

from entrepot.infra.http.schema_names import with_short_names

QUOTAS = "entrepot__features__quotas__store__listing__Order"
GLASS = "entrepot__features__break_glass__models__State"
EVENTS = "entrepot__registry__events__Cause"


def test_two_of_one_name_are_told_apart_by_their_packages() -> None:
    """Wherever they are referred to."""
    refers = {"anyOf": [{"$ref": f"#/components/schemas/{QUOTAS}"}, {"$ref": "#/components/schemas/Plain"}]}
    schemas = {QUOTAS: {"type": "string"}, GLASS: refers, EVENTS: {}, "Plain": {}}

    found = with_short_names({"paths": {"/": refers}, "components": {"schemas": schemas}})

    assert sorted(found["components"]["schemas"]) == ["BreakGlassState", "Plain", "QuotasOrder", "RegistryCause"]
    referred = [each["$ref"].rpartition("/")[2] for each in found["paths"]["/"]["anyOf"]]
    assert referred == ["QuotasOrder", "Plain"]
    assert found["components"]["schemas"]["BreakGlassState"] == found["paths"]["/"]


def test_a_name_that_is_taken_stays() -> None:
    """Nothing is ever put in the place of another."""
    document = {"components": {"schemas": {QUOTAS: {"title": "long"}, "QuotasOrder": {"title": "short"}}}}

    assert with_short_names(document) == document


def test_the_same_names_are_found_again() -> None:
    """The document is asked for more than once."""
    once = with_short_names({"components": {"schemas": {QUOTAS: {}}}})

    assert with_short_names(once) == once
