# SPDX-License-Identifier: Apache-2.0
"""What the configuration of TLS has to say together."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from entrepot.infra.http.tls.settings import TlsMode
from entrepot.infra.http.tls.settings import TlsSettings

FILES: dict[str, Any] = {"cert": Path("cert.pem"), "key": Path("key.pem")}
ACME: dict[str, Any] = {"directory": "https://authority.test/dir", "hosts": ["registry.test"], "agree_terms": True}


@pytest.mark.parametrize(
    ("values", "mode"),
    [
        ({}, TlsMode.OFF),
        (FILES, TlsMode.FILES),
        ({**FILES, "mode": "off"}, TlsMode.OFF),
        ({"mode": "auto"}, TlsMode.AUTO),
        ({"mode": "acme", "acme": ACME}, TlsMode.ACME),
    ],
)
def test_a_certificate_turns_tls_on(values: dict[str, Any], mode: TlsMode) -> None:
    """Without a mode, files mean `files`; a mode wins."""
    settings = TlsSettings(**values)

    assert (settings.effective_mode, settings.is_on) == (mode, mode is not TlsMode.OFF)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"cert": "cert.pem"}, "cert and key are both needed"),
        ({"mode": "files"}, "cert and key are both needed"),
        ({**FILES, "mode": "auto"}, "with the mode auto, cert and key are not used"),
        ({"mode": "acme"}, "acme.directory names the authority"),
        ({"mode": "acme", "acme": {**ACME, "hosts": []}}, "acme.hosts lists the host names"),
        ({"mode": "acme", "acme": {**ACME, "agree_terms": False}}, "acme.agree_terms = true"),
        ({"mode": "acme", "acme": {**ACME, "eab_key_id": "1"}}, "acme.eab_key_id and acme.eab_hmac_key go together"),
        ({"mode": "acme", "acme": {**ACME, "directory": "http://authority.test"}}, "should match pattern"),
    ],
)
def test_what_does_not_go_together_is_refused(values: dict[str, Any], said: str) -> None:
    """The message says what is missing."""
    with pytest.raises(ValidationError, match=said):
        TlsSettings(**values)


def test_no_authority_is_asked_by_default() -> None:
    """Connections to others are made only where the configuration names them."""
    assert TlsSettings().acme.directory == ""
