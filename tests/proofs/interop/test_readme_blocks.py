# SPDX-License-Identifier: Apache-2.0
"""No command of a page is passed over, and the pages promise only what there is."""

import re

import pytest

from tests.interop.commands import StepError
from tests.interop.readme import PAGES
from tests.interop.readme import README
from tests.interop.readme import SERVE
from tests.interop.readme import UPGRADE
from tests.interop.readme_blocks import SESSIONS
from tests.interop.readme_blocks import blocks_of
from tests.interop.readme_unit import PAGE
from tests.interop.readme_unit import UNIT
from tests.interop.readme_unit import settings_of
from tests.server import ROOT

PAGE_WITH_TWO = """\
# Title

Push:

```sh
docker push 127.0.0.1:5000/demo/app:1
```

```text
pushed
```

## Then

```sh
ls
cat http://127.0.0.1:5000/v2/
```
"""
CLIENTS = ("docker", "podman", "buildah", "skopeo", "helm", "oras", "ctr")
LINK = re.compile(r"\]\((?!https?:|#|NNNN)([^)#\s]+)")
LONGEST_STOP = re.compile(r"\| `server\.stop_seconds` \|.*\| `(\d+)` \|")


def test_blocks_are_found_in_order() -> None:
    """A block has the line of its fence, the line of text before it, and its commands."""
    first, second = blocks_of(PAGE_WITH_TWO)

    assert (first.line, first.about, first.script) == (5, "Push", "docker push 127.0.0.1:5000/demo/app:1\n")
    assert (second.line, second.about, second.script) == (15, "Then", "ls\ncat http://127.0.0.1:5000/v2/\n")


def test_images_are_those_of_the_registry() -> None:
    """A block names an image where a name and a tag follow the registry's address, and addresses of pages are none."""
    first, second = blocks_of(PAGE_WITH_TWO)

    assert first.images == {"demo/app:1"}
    assert second.images == set()


@pytest.mark.parametrize("fence", ["```bash", "```", "```console", "```shell"])
def test_commands_in_another_language_are_refused(fence: str) -> None:
    """What looks like commands and would never be run is a mistake of the page."""
    with pytest.raises(StepError, match="line 3"):
        blocks_of(f"Do:\n\n{fence}\nls\n```\n")


def test_a_block_without_an_end_is_refused() -> None:
    """A page that ends within a block is a mistake of the page."""
    with pytest.raises(StepError, match="no end"):
        blocks_of("```sh\nls\n")


@pytest.mark.parametrize("page", PAGES)
def test_a_page_begins_with_serving_and_names_images(page: str) -> None:
    """A page that is followed from its start has a server to ask and images to ask it for."""
    first, *others = blocks_of((ROOT / page).read_text())

    assert first.script == SERVE
    assert {image for block in others for image in block.images}


@pytest.mark.parametrize("client", CLIENTS)
def test_the_readme_has_every_client_with_a_push_and_a_pull(client: str) -> None:
    """The README has one block for each client, with a login or its substitute."""
    blocks = [block for block in blocks_of((ROOT / README).read_text()) if block.script.startswith(f"{client} ")]

    assert len(blocks) == 1
    assert re.search(r"-u admin|--user admin", blocks[0].script)
    assert blocks[0].script.count("127.0.0.1:5000") >= 3


@pytest.mark.parametrize("page", [UPGRADE, PAGE])
def test_pages_with_sessions_have_blocks_that_are_run(page: str) -> None:
    """The pages about upgrades and systemd show sessions beside their blocks, not instead of them."""
    assert len(blocks_of((ROOT / page).read_text(), SESSIONS)) >= 2


def test_every_target_of_the_readme_is_in_the_makefile() -> None:
    """The README names no command of make that is not there."""
    targets = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))

    assert set(re.findall(r"`make ([a-z0-9-]+)", (ROOT / README).read_text())) <= targets


def test_the_unit_waits_longer_than_the_server() -> None:
    """systemd kills later than the server has to end requests."""
    configuration = (ROOT / "docs" / "reference" / "configuration.md").read_text()
    (server,) = LONGEST_STOP.findall(configuration)
    (unit,) = settings_of(UNIT.read_text(), "TimeoutStopSec")

    assert int(unit) > int(server)


def test_links_of_pages_lead_to_files() -> None:
    """A relative link in the documentation leads to a file that is there."""
    pages = [ROOT / README, *(ROOT / "docs").rglob("*.md")]
    links = {(page, target) for page in pages for target in LINK.findall(page.read_text())}

    assert {(page, target) for page, target in links if not (page.parent / target).exists()} == set()
