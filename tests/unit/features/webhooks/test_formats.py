# SPDX-License-Identifier: Apache-2.0
"""What each format sends, held to lists of fields that were read where receivers read them.

Harbor: its page on webhook notifications. Distribution: its page on notifications. Slack: incoming webhooks and blocks.
Teams: the adaptive card in a message. CloudEvents has a test of its own.
"""

import json
from typing import Any

import pytest

from entrepot.features.events import NAMES
from entrepot.features.events import TESTED
from entrepot.features.events import CloudEvent
from entrepot.features.webhooks.models import Terms
from entrepot.features.webhooks.models import WebhookFormat
from entrepot.features.webhooks.rendering import Renderings
from entrepot.features.webhooks.rendering import can_tell
from entrepot.kernel.clock import Milliseconds
from entrepot.oci.digest import digest_of

AT = Milliseconds(1_800_000_000_250)
DIGEST = digest_of(b"1")
ABOUT = {"origin": "eu", "project": "team", "repository": "team/app", "principal": "user:alice", "digest": DIGEST}
RENDERINGS = Renderings("https://registry.example")
HARBOR_TYPES = {
    "PUSH_ARTIFACT",
    "PULL_ARTIFACT",
    "DELETE_ARTIFACT",
    "SCANNING_COMPLETED",
    "SCANNING_FAILED",
    "SCANNING_STOPPED",
    "QUOTA_EXCEED",
    "QUOTA_WARNING",
    "REPLICATION",
    "TAG_RETENTION",
}


def an_event(name: str, **data: Any) -> CloudEvent:
    """Make an event of the artifact `team/app:1.0`."""
    return CloudEvent("01K.0", "https://registry.example", name, "team/app:1.0", AT, "0", {**ABOUT, **data})


def sent(format_: WebhookFormat, event: CloudEvent, template: str = "") -> tuple[str, Any]:
    """Return the content type and the document."""
    body = RENDERINGS.of(Terms("hook", "https://x.example", format=format_, template=template)).body(event)
    return body.content_type, json.loads(body.content)


@pytest.mark.parametrize("name", [*sorted(NAMES), TESTED])
@pytest.mark.parametrize("format_", [each for each in WebhookFormat if each is not WebhookFormat.TEMPLATE])
def test_whatever_a_format_can_tell_of_it_renders(format_: WebhookFormat, name: str) -> None:
    """JSON comes of every event that a format has words for, with little in it or with much."""
    for event in (an_event(name, tag="1.0"), CloudEvent("1", "s", name, "", AT, "", {})):
        if can_tell(format_, event):
            content_type, document = sent(format_, event)
            assert "json" in content_type
            assert isinstance(document, dict)


def test_cloudevents_are_structured() -> None:
    """The media type says that the whole event is in the body."""
    content_type, document = sent(WebhookFormat.CLOUDEVENTS, an_event("tag.moved", tag="1.0"))
    assert content_type == "application/cloudevents+json; charset=utf-8"
    assert document["type"] == "entrepot.tag.moved"


def test_harbor_has_the_fields_of_its_default_payload() -> None:
    """A tag that is set is a push of an artifact."""
    content_type, document = sent(WebhookFormat.HARBOR, an_event("tag.moved", tag="1.0"))

    assert content_type == "application/json"
    assert set(document) == {"type", "occur_at", "operator", "event_data"}
    assert (document["type"], document["occur_at"], document["operator"]) == ("PUSH_ARTIFACT", AT // 1000, "alice")
    assert document["event_data"]["resources"] == [
        {"digest": DIGEST, "tag": "1.0", "resource_url": "registry.example/team/app:1.0"}
    ]
    assert document["event_data"]["repository"] == {
        "name": "app",
        "namespace": "team",
        "repo_full_name": "team/app",
        "repo_type": "private",
    }


def test_harbor_hears_its_own_names_only() -> None:
    """Each type is one of Harbor's, and a push of a tag is told once."""
    for name in NAMES:
        event = an_event(name)
        if can_tell(WebhookFormat.HARBOR, event):
            assert sent(WebhookFormat.HARBOR, event)[1]["type"] in HARBOR_TYPES
    assert not can_tell(WebhookFormat.HARBOR, an_event("manifest.pushed", tag="1.0"))
    assert can_tell(WebhookFormat.HARBOR, an_event("manifest.pushed"))
    assert not can_tell(WebhookFormat.HARBOR, an_event("robot.created"))


@pytest.mark.parametrize(("threshold", "expected"), [(85, "QUOTA_WARNING"), (100, "QUOTA_EXCEED")])
def test_harbor_tells_a_full_quota_from_one_that_fills(threshold: int, expected: str) -> None:
    """What is reached at 100 % is exceeded."""
    event = an_event("quota.reached", after={"threshold": threshold}, reason="85 % used")
    assert sent(WebhookFormat.HARBOR, event)[1]["type"] == expected


@pytest.mark.parametrize(
    ("name", "action"),
    [
        ("manifest.pushed", "push"),
        ("content.pulled", "pull"),
        ("manifest.deleted", "delete"),
        ("tag.deleted", "delete"),
    ],
)
def test_distribution_has_the_fields_of_its_envelope(name: str, action: str) -> None:
    """One event in the envelope, with target, request, actor and source."""
    event = an_event(name, tag="1.0", size=7, media_type="application/vnd.oci.image.manifest.v1+json", agent="docker")
    content_type, document = sent(WebhookFormat.DISTRIBUTION, event)
    [told] = document["events"]

    assert content_type == "application/vnd.docker.distribution.events.v2+json"
    assert set(document) == {"events"}
    assert set(told) == {"id", "timestamp", "action", "target", "request", "actor", "source"}
    assert told["action"] == action
    assert set(told["target"]) == {"mediaType", "digest", "size", "length", "repository", "url", "tag"}
    assert told["target"]["url"] == f"https://registry.example/v2/team/app/manifests/{DIGEST}"
    assert set(told["request"]) <= {"id", "addr", "host", "method", "useragent"}
    assert told["actor"] == {"name": "alice"}
    assert set(told["source"]) == {"addr", "instanceID"}


def test_slack_has_text_and_blocks_without_mentions() -> None:
    """What a tag says is text, and no link, and calls nobody."""
    event = CloudEvent("1", "s", "tag.moved", "team/app:1.0", AT, "", {"principal": "user:<!channel>", "reason": "a&b"})
    _, document = sent(WebhookFormat.SLACK, event)
    assert set(document) == {"text", "blocks"}
    assert document["text"] == "team/app:1.0 was moved by &lt;!channel&gt;"
    assert [block["type"] for block in document["blocks"]] == ["section", "context"]
    assert document["blocks"][1]["elements"] == [{"type": "mrkdwn", "text": "Why: a&amp;b"}]


def test_teams_has_a_card_in_a_message() -> None:
    """An attachment of the type of adaptive cards, with a text and facts in which nothing is Markdown."""
    _, document = sent(WebhookFormat.TEAMS, an_event("tag.moved", reason="*bold*"))
    [attachment] = document["attachments"]
    card = attachment["content"]

    assert (set(document), document["type"]) == ({"type", "attachments"}, "message")
    assert set(attachment) == {"contentType", "contentUrl", "content"}
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    assert (card["type"], card["version"]) == ("AdaptiveCard", "1.4")
    assert [each["type"] for each in card["body"]] == ["TextBlock", "FactSet"]
    assert {"title": "Why", "value": "\\*bold\\*"} in card["body"][1]["facts"]


def test_a_template_sees_the_whole_event() -> None:
    """Attributes and data."""
    _, document = sent(
        WebhookFormat.TEMPLATE, an_event("tag.moved", tag="1.0"), '{"t": "{{ type }}", "r": "{{ data.repository }}"}'
    )
    assert document == {"t": "entrepot.tag.moved", "r": "team/app"}
