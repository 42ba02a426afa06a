# SPDX-License-Identifier: Apache-2.0
"""The reference of every setting, as Markdown."""

from pydantic import BaseModel

from entrepot.entry.effective import plain
from entrepot.entry.effective import toml_value
from entrepot.entry.settings_tree import Section
from entrepot.entry.settings_tree import Setting
from entrepot.entry.settings_tree import sections

_INTRODUCTION = """\
# Configuration

A setting comes from the command line, else from its environment variable, else from the file, else it has its default.
The file is `entrepot.toml` in the working folder, or what `--config` or `ENTREPOT_CONFIG` names.
In a variable, the items of a list are separated by commas, or the list is written as JSON.
[How to configure](../how-to/configuration.md) has examples.
"""

_HEAD = "| setting | takes | default | variable | what it is |\n|---|---|---|---|---|"


def configuration_reference(model: type[BaseModel]) -> str:
    """Return the page: a table for each section."""
    return "\n".join([_INTRODUCTION, *map(_section, sections(model))])


def _section(section: Section) -> str:
    if not section.settings:
        return f"## `[{section.name}]`\n\n{section.summary}\n"
    title = f"## `[{section.name}]`" if section.name else "## Before any section"
    return "\n".join([title, "", section.summary, "", _HEAD, *map(_row, section.settings), ""])


def _row(setting: Setting) -> str:
    cells = (
        f"`{setting.name}`",
        setting.kind,
        _default(setting),
        f"`{setting.variable}`",
        setting.description,
    )
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _default(setting: Setting) -> str:
    value = plain(setting.default)
    return "" if value in (None, "", []) else f"`{toml_value(value)}`"
