# SPDX-License-Identifier: Apache-2.0
"""Where settings come from, and what is said about mistakes."""

import os
from pathlib import Path

import pytest

from entrepot.entry.configuration import InvalidConfiguration
from entrepot.entry.configuration import Settings
from entrepot.entry.configuration import load
from entrepot.entry.configuration import override
from entrepot.entry.settings_tree import Setting
from entrepot.entry.settings_tree import every_setting

SECRET = "hunter2-hunter2"


def write(text: str, name: str = "entrepot.toml") -> None:
    """Write a configuration file."""
    Path(name).write_text(text)


def mistakes() -> str:
    """Load, and return what is wrong."""
    with pytest.raises(InvalidConfiguration) as caught:
        load()
    assert SECRET not in str(caught.value)
    assert SECRET not in repr(caught.value.__cause__)
    return caught.value.message


def test_nothing_has_to_be_configured() -> None:
    """Without file, variables and flags everything has a default."""
    settings = load()

    assert (settings.server.host, settings.server.port) == ("localhost", 5000)
    assert settings.database_path == Path("data/entrepot.db")


def test_flags_win_over_variables_and_those_over_the_file() -> None:
    """Each source overrides the one before, setting by setting."""
    write('data_dir = "from-file"\n[server]\nhost = "file"\nport = 1\nworkers = 2\n[registry]\nregion = "file"\n')
    os.environ["ENTREPOT_SERVER__PORT"] = "2"
    os.environ["ENTREPOT_SERVER__HOST"] = "variable"
    override(server__host="flag", data_dir=Path("from-flag"), server__workers=None)
    settings = load()

    assert (settings.server.host, settings.server.port, settings.server.workers) == ("flag", 2, 2)
    assert settings.data_dir == Path("from-flag")
    assert settings.registry.region == "file"


def test_the_file_may_be_named() -> None:
    """A variable or a flag says which file is read instead of `entrepot.toml`."""
    write("[server]\nport = 1\n")
    write("[server]\nport = 2\n", "other.toml")
    override(config=Path("other.toml"))

    assert load().server.port == 2


def test_a_named_file_must_exist() -> None:
    """A file that was asked for and is not there is a mistake; the default one may be absent."""
    override(config=Path("missing.toml"))

    assert mistakes() == "the file missing.toml does not exist"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f'xyz = "{SECRET}"', "xyz is not a setting"),
        (f'[server]\nprot = "{SECRET}"', "server.prot is not a setting (did you mean server.port?)"),
        (f'[registry.deep]\nvalue = "{SECRET}"', "registry.deep is not a setting (did you mean registry?)"),
        (f'[serverr]\nport = "{SECRET}"', "serverr is not a setting (did you mean server?)"),
        (f'public_url = "{SECRET}"', "public_url is not a setting (did you mean server.public_url?)"),
    ],
)
def test_a_key_that_is_no_setting_is_refused(text: str, told: str) -> None:
    """A misspelt key is told by its place and with the name that is nearest to it, not passed over."""
    write(text)

    assert mistakes() == told


@pytest.mark.parametrize("name", ["ENTREPOT_SERVER__PORTT", "ENTREPOT_DATADIR", "entrepot_sever__port", "ENTREPOT_"])
def test_a_variable_that_is_no_setting_is_refused(name: str) -> None:
    """A misspelt variable is told by its name, not passed over."""
    os.environ[name] = SECRET

    assert mistakes().startswith(f"the variable {name} is not a setting")


def test_a_variable_that_is_nearly_a_setting_is_recognised() -> None:
    """The message names the variable that was probably meant."""
    os.environ["ENTREPOT_DATADIR"] = "elsewhere"

    assert mistakes() == "the variable ENTREPOT_DATADIR is not a setting (did you mean ENTREPOT_DATA_DIR?)"


def test_variables_are_read_in_any_case() -> None:
    """The case of a variable's name does not matter."""
    os.environ["ENTREPOT_SERVER__PORT".lower()] = "7"

    assert load().server.port == 7


def test_every_mistake_is_told_at_once() -> None:
    """Nobody has to start again for each mistake."""
    write('[server]\nport = 70000\n[logs]\nlevel = "loud"\n[storage]\nurl = "ftp://x"\n[nonsense]\n')
    os.environ["ENTREPOT_REGISTRY__REGION"] = "Not A Region"
    os.environ["ENTREPOT_SERVER__ALLOWED_HOSTS"] = "[not json"
    os.environ["ENTREPOT_WRONG"] = "1"
    told = mistakes()

    for place in ("ENTREPOT_WRONG", "server.port", "logs.level", "storage.url", "nonsense", "registry.region"):
        assert place in told
    assert "server.allowed_hosts" in told


def test_a_broken_file_hides_no_other_mistake() -> None:
    """Variables are checked although the file cannot be read."""
    write("[server")
    os.environ["ENTREPOT_SERVER__PORT"] = "many"
    told = mistakes()

    assert "entrepot.toml is not valid TOML" in told
    assert "server.port: Input should be a valid integer" in told


@pytest.mark.parametrize(
    "text",
    [
        f'bootstrap_admin_password = ["{SECRET}"]',
        f'bootstrap_admin_password = "{SECRET}',
        f'[server]\nport = "{SECRET}"',
        f'[storage]\nurl = "s3://user:{SECRET}@bucket"',
        f"{SECRET}",
    ],
)
def test_values_are_never_repeated(text: str) -> None:
    """What is wrong may be a secret: the message names the place and the rule only."""
    write(text)

    assert mistakes() != ""


@pytest.mark.parametrize(
    ("name", "place"),
    [("ENTREPOT_SERVER__ALLOWED_HOSTS", "server.allowed_hosts"), ("ENTREPOT_SERVER", "server")],
)
def test_a_variable_that_cannot_be_read_is_told(name: str, place: str) -> None:
    """A list that is no JSON is told by its setting, and its value is not repeated."""
    os.environ[name] = f"[not json {SECRET}"

    assert f"{place}: Input should be a valid" in mistakes()


def test_a_list_that_begins_like_json_has_to_be_json() -> None:
    """The message says how a variable holds a list."""
    os.environ["ENTREPOT_SERVER__ALLOWED_HOSTS"] = '["registry.example"'

    assert mistakes().endswith("which a variable gives as JSON")


def test_a_file_that_is_no_toml_is_told() -> None:
    """The message says which line."""
    write("[server]\nport = = 1\n")

    assert mistakes().startswith("the file entrepot.toml is not valid TOML: Invalid value (at line 2")


def test_a_file_in_another_encoding_is_told() -> None:
    """TOML is UTF-8."""
    Path("entrepot.toml").write_bytes(b'data_dir = "\xe9"\n')

    assert mistakes() == "the file entrepot.toml is not UTF-8"


def test_a_folder_is_no_file() -> None:
    """What cannot be read is told with the system's reason."""
    Path("entrepot.toml").mkdir()

    assert mistakes() == "the file entrepot.toml cannot be read: Is a directory"


@pytest.mark.parametrize("text", ['["a.example", "b.example"]', "a.example,b.example", " a.example, b.example "])
def test_a_list_comes_from_a_variable(text: str) -> None:
    """A list is written as JSON, or with commas."""
    os.environ["ENTREPOT_SERVER__ALLOWED_HOSTS"] = text

    assert load().server.allowed_hosts == {"a.example", "b.example"}


def test_a_proxy_is_named_by_its_network() -> None:
    """A network has no bits of a host; a single address is a network of one."""
    os.environ["ENTREPOT_SERVER__TRUSTED_PROXIES"] = "10.0.0.0/8,::1,10.0.0.1/8"

    assert mistakes() == "server.trusted_proxies.2: value is not a valid IPv4 or IPv6 network"


@pytest.mark.parametrize("prefix", ["/v2", "/v2/ui", "/api", "/healthz", "/v2ui", "ui", "/ui/", "/u i", "/"])
def test_a_prefix_hides_no_address_of_its_own(prefix: str) -> None:
    """A path prefix begins with a slash, ends without one, and is like no other address."""
    os.environ["ENTREPOT_SERVER__PATH_PREFIX"] = prefix

    assert mistakes().startswith("server.path_prefix: ")


def test_settings_do_not_show_secrets() -> None:
    """Settings may be logged."""
    os.environ["ENTREPOT_BOOTSTRAP_ADMIN_PASSWORD"] = SECRET
    settings = load()

    assert settings.bootstrap_admin_password.get_secret_value() == SECRET
    assert SECRET not in repr(settings)
    assert SECRET not in settings.model_dump_json()


def test_variables_for_the_command_line_are_no_mistakes() -> None:
    """What says which server to ask is nothing that a server is configured with."""
    os.environ["ENTREPOT_REMOTE__URL"] = "https://registry.example"
    os.environ["ENTREPOT_REMOTE__TOKEN"] = SECRET

    assert SECRET not in repr(load())


def test_settings_do_not_change() -> None:
    """Whoever reads a setting reads the same later."""
    with pytest.raises(ValueError, match="frozen"):
        setattr(load(), "data_dir", Path("elsewhere"))  # noqa: B010 - what a type checker would refuse


@pytest.mark.parametrize("setting", every_setting(Settings), ids=lambda setting: setting.name)
def test_every_setting_says_what_it_is(setting: Setting) -> None:
    """Each setting has a sentence, from which the reference page is made."""
    assert setting.description.endswith(".")


@pytest.mark.parametrize("token", ["", "short"])
def test_access_by_token_needs_a_token(token: str) -> None:
    """A token that anybody could guess is refused at the start."""
    write(f'[metrics]\naccess = "token"\ntoken = "{token}"\n')

    assert mistakes() == "metrics: access by token needs a token of at least 16 characters"


def test_a_second_place_is_another_one() -> None:
    """The same bucket or folder is refused; one of the same name in another account is another."""
    both = '[storage]\nurl = "azure://blobs"\nazure.account = "one"\n[storage.second]\nurl = "azure://blobs"\n'
    write(f'{both}azure.account = "one"\n')
    assert "second is the same place as the first" in mistakes()

    write(f'{both}azure.account = "two"\n')
    assert load().storage.second.azure.account == "two"
