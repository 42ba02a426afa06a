// SPDX-License-Identifier: Apache-2.0
import { Group, SegmentedControl, Stack, Text, Title } from "@mantine/core";
import { useState } from "react";
import type { ArtifactSubject } from "@/shell/feature";
import { useGuide } from "@/shell/guide";
import { useIsMounted } from "@/shell/mounted";
import { useViewer } from "@/shell/session";
import { Command } from "@/ui";
import { words } from "@/words";
import classes from "./artifacts.module.css";
import { type PullCommand, pullCommands, type Registry } from "./clients";
import type { Artifact } from "./queries";
import { To } from "./To";

const texts = words.artifacts.overview;

/** How to get an artifact with each client, by tag or by digest. */
export function PullCommands({ subject, artifact }: { subject: ArtifactSubject; artifact: Artifact }) {
  const { data: registry } = useGuide();
  const viewer = useViewer();
  const hasGuide = useIsMounted("guide");
  const [by, setBy] = useState("tag");
  const tag = subject.tag ?? artifact.tags[0];
  if (!registry) return null;
  const commands = pullCommands(
    { ...registry, user: viewer?.name },
    {
      repository: subject.repository,
      digest: artifact.digest,
      tag: by === "tag" ? tag : undefined,
      type: artifact.type,
      mediaType: artifact.media_type,
      parts: partsOf(artifact),
      subject: artifact.subject,
      chart: artifact.facts?.chart,
    },
  );
  return (
    <Stack gap="sm" className={classes.commands}>
      <Group justify="space-between">
        <Title order={2} size="h4">
          {texts.pull}
        </Title>
        {tag && (
          <SegmentedControl
            size="xs"
            aria-label={texts.reference}
            value={by}
            onChange={setBy}
            data={[
              { value: "tag", label: texts.byTag(tag) },
              { value: "digest", label: texts.byDigest },
            ]}
          />
        )}
      </Group>
      {commands.map((command) => (
        <One key={command.client} command={command} registry={registry} />
      ))}
      <Text size="sm" c="dimmed">
        {texts.byDigestHint}
      </Text>
      {hasGuide && (
        <Text size="sm">
          <To to="/guide">{texts.toGuide}</To>
        </Text>
      )}
    </Stack>
  );
}

/** The types by which it is known what made an artifact. */
function partsOf({ artifact_type: type, facts }: Artifact): string[] {
  const layers = facts?.layers.map((layer) => layer.media_type) ?? [];
  return type ? [type, ...layers] : layers;
}

function One({ command, registry }: { command: PullCommand; registry: Registry }) {
  const notes = {
    daemon: texts.daemonFlag(registry.address),
    login: texts.ctrLogin,
    subject: texts.aboutSubject,
  };
  return (
    <Stack gap={4}>
      <Text size="sm" fw={600}>
        {command.client}
      </Text>
      <Command text={command.text} what={words.artifacts.commandOf(command.client)} />
      {command.note && (
        <Text size="xs" c="dimmed">
          {notes[command.note]}
        </Text>
      )}
    </Stack>
  );
}
