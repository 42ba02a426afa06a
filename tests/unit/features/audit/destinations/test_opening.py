# SPDX-License-Identifier: Apache-2.0
"""What a destination takes to be configured."""

import pytest
from pydantic import ValidationError

from entrepot.features.audit.destinations.interface import NotDelivered
from entrepot.features.audit.destinations.secret import Secret
from entrepot.features.audit.settings import DeliverySettings
from entrepot.features.audit.settings import What

SECRET = {"secret_variable": "AUDIT_SECRET"}


@pytest.mark.parametrize(
    "given",
    [
        {"url": "https://siem.example.org/"},
        {"url": "https://user:secret@siem.example.org/", **SECRET},
        {"url": "https://2130706433/", **SECRET},
        {"url": "https://siem.example.org/", "secret_file": "a", **SECRET},
        {"url": "https://siem.example.org/", "secret_variable": "ENTREPOT_SECRET"},
        {"url": "s3://bucket", **SECRET},
        {"url": "s3://Bucket", "login": "id", **SECRET},
        {"url": "s3://bucket/a?b", "login": "id", **SECRET},
        {"url": "s3://bucket", "login": "id", "endpoint": "minio:9000", **SECRET},
        {"url": "entrepot+https://other.example.org", **SECRET},
        {"url": "entrepot+https://other.example.org", "login": "_.witness"},
        {"url": "entrepot+http://other.example.org", "login": "_.witness", **SECRET},
        {"url": "otlp+http://collector.example.org", **SECRET},
        {"url": "otlp+grpc://collector.example.org"},
    ],
)
def test_what_is_not_complete_is_refused(given: dict[str, str]) -> None:
    """When the configuration is read: a login or a secret is missing, or an address could be read in two ways."""
    with pytest.raises(ValidationError):
        DeliverySettings.model_validate(given)


@pytest.mark.parametrize(
    ("given", "address", "sent"),
    [
        ({"url": "https://siem.example.org/a?b=c", **SECRET}, "https://siem.example.org/a?b=c", What.BOTH),
        ({"url": "otlp+http://localhost:4318"}, "http://localhost:4318", What.BOTH),
        ({"url": "s3://bucket/a/b", "login": "id", **SECRET}, "https://s3.us-east-1.amazonaws.com", What.BOTH),
        ({"url": "entrepot+https://o.org", "login": "_.w", **SECRET}, "https://o.org", What.CHECKPOINTS),
    ],
)
def test_an_address_says_where_and_what(given: dict[str, str], address: str, sent: What) -> None:
    """A witness gets checkpoints only, whatever is said."""
    settings = DeliverySettings.model_validate(given)

    assert (settings.address, settings.sent) == (address, sent)


@pytest.mark.anyio
async def test_a_secret_is_read_when_it_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that another one counts at once; one that is not there is told by its place."""
    with pytest.raises(NotDelivered, match="the variable AUDIT_SECRET"):
        await Secret(variable="AUDIT_SECRET").read()
    with pytest.raises(NotDelivered, match="/missing/secret cannot be read"):
        await Secret(file="/missing/secret").read()

    for value in ("one", "another\n"):
        monkeypatch.setenv("AUDIT_SECRET", value)
        assert await Secret(variable="AUDIT_SECRET").read() == value.strip()
    assert await Secret().read() == ""
