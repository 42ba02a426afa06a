# SPDX-License-Identifier: Apache-2.0
"""Guardrails where something without a tag is deleted."""

import pytest

from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.guardrails import a_robot
from tests.builders.guardrails import set_guardrail
from tests.builders.manifests import an_image_manifest

APP = "team/app"
IMAGE = an_image_manifest()

pytestmark = pytest.mark.anyio


async def test_what_has_no_tag_is_guarded_too(application: Application, alice: Client) -> None:
    """Through either API."""
    root = await application.user("root", is_admin=True)
    digest = await alice.push_image(APP, IMAGE)
    robot = await a_robot(alice, "team", "admin")
    await set_guardrail(root, "only-ci", "push-by-machines", "team/**")
    targets = [
        f"/api/v1/repositories/{APP}/-/artifacts/{digest}",
        f"/v2/{APP}/manifests/{digest}",
    ]

    refused = [(await alice.send("DELETE", target)).status for target in targets]

    assert refused == [403, 403]
    assert (await robot.send("DELETE", targets[1])).status == 202
