# SPDX-License-Identifier: Apache-2.0
"""What `entrepot config show` tells: every value, its source, and addresses."""

import json
import os
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel
from pydantic import Field
from pydantic import SecretStr

from entrepot.entry.configuration import load
from entrepot.entry.configuration import override
from entrepot.entry.effective import MASK
from entrepot.entry.effective import Effective
from entrepot.entry.effective import Source
from entrepot.entry.effective import as_json
from entrepot.entry.effective import as_toml
from entrepot.entry.effective import effective
from entrepot.entry.effective import plain
from entrepot.entry.effective import toml_value
from entrepot.entry.settings_tree import OWN_ADDRESS
from entrepot.entry.settings_tree import Section
from entrepot.entry.settings_tree import every_setting

SECRET = "hunter2-hunter2-hunter2"


class Remote(BaseModel):
    """Where else to go."""

    public_url: str = Field("https://registry.example", description="Ours.", json_schema_extra=OWN_ADDRESS)
    endpoint: str = Field("https://s3.example:9000/bucket", description="Theirs.")
    database: str = Field(f"postgresql://entrepot:{SECRET}@db.example/entrepot", description="Theirs, with a password.")
    upstreams: list[str] = Field(["https://one.example", "two"], description="Some.")
    key: SecretStr = Field(SecretStr("https://x.example"), description="A secret that looks like an address.")
    folder: str = Field("file:///var/lib/blobs", description="Here.")
    unset: str | None = Field(None, description="Nothing.")


def shown_remote() -> list[tuple[Section, list[Effective]]]:
    """Show what the class above declares, each from its default."""
    settings = every_setting(Remote)
    values = [Effective(each, plain(each.value_in(Remote())), Source.DEFAULT, "") for each in settings]
    return [(Section("", "", tuple(settings)), values)]


def sources(flags: frozenset[str] = frozenset()) -> dict[str, tuple[Any, str, str]]:
    """Load and return value, source and place by setting."""
    shown = effective(load(), flags)
    return {each.setting.name: (each.value, each.source, each.place) for _, values in shown for each in values}


def test_every_value_says_where_it_came_from() -> None:
    """The default, the file, a variable in whatever case, or a flag: the one that won."""
    Path("entrepot.toml").write_text('[server]\nport = 1\nworkers = 2\n[registry]\nregion = "file"\n')
    os.environ["ENTREPOT_SERVER__WORKERS".lower()] = "3"
    found = sources(override(server__port=4))

    assert found["server.port"] == (4, "flag", "")
    assert found["server.workers"] == (3, "environment", "entrepot_server__workers")
    assert found["registry.region"] == ("file", "file", "entrepot.toml")
    assert found["storage.url"] == ("", "default", "")


def test_what_is_shown_is_a_configuration_file() -> None:
    """Put into a file, it says the same again."""
    Path("entrepot.toml").write_text('[server]\nallowed_hosts = ["b", "a"]\n[logs]\nlevel = "debug"\n')
    before = load()
    text = as_toml(effective(before, frozenset()))
    Path("entrepot.toml").write_text(text)

    assert load() == before
    assert 'allowed_hosts = ["a", "b"]  # file entrepot.toml' in text


def test_secrets_are_masked() -> None:
    """Neither form gives one away; as TOML it is a comment, so that nobody starts a server with a mask."""
    os.environ["ENTREPOT_BOOTSTRAP_ADMIN_PASSWORD"] = SECRET
    shown = effective(load(), frozenset())
    text, parsed = as_toml(shown), json.loads(as_json(shown))

    assert SECRET not in text + json.dumps(parsed)
    assert f'# bootstrap_admin_password = "{MASK}"  # environment' in text
    assert parsed["settings"]["bootstrap_admin_password"]["value"] == MASK


def test_addresses_that_the_server_connects_to_are_listed() -> None:
    """All of them, without passwords; its own address, folders and secrets are none."""
    shown = shown_remote()

    assert json.loads(as_json(shown))["outgoing"] == [
        {"setting": "endpoint", "address": "https://s3.example:9000/bucket"},
        {"setting": "database", "address": f"postgresql://entrepot:{MASK}@db.example/entrepot"},
        {"setting": "upstreams", "address": "https://one.example"},
    ]
    assert "#   endpoint https://s3.example:9000/bucket\n" in as_toml(shown)
    assert "# unset is not set" in as_toml(shown)


def test_without_such_addresses_that_is_said() -> None:
    """The defaults connect to nobody."""
    assert as_toml(effective(load(), frozenset())).endswith("lets the server connect to:\n#   none\n")


@pytest.mark.parametrize("broken", ["http://[", "://", "http://", "https:x", "just text"])
def test_what_is_no_address_is_not_listed(broken: str) -> None:
    """Not even when it looks a little like one."""
    ((section, (first, *_)),) = shown_remote()
    changed = Effective(every_setting(Remote)[1], broken, first.source, "")

    assert json.loads(as_json([(section, [changed])]))["outgoing"] == []


@given(
    value=st.recursive(
        st.one_of(st.text(), st.booleans(), st.integers(-(2**63), 2**63 - 1)), lambda inner: st.lists(inner, max_size=3)
    )
)
def test_values_are_valid_toml(value: Any) -> None:
    """Whatever a setting holds, a TOML parser reads back the same."""
    assert tomllib.loads(f"key = {toml_value(value)}") == {"key": value}
