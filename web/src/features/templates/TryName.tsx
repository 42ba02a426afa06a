// SPDX-License-Identifier: Apache-2.0
import { Code, List, Paper, Stack, Text, TextInput, Title } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useState } from "react";
import { Principal, Refusal } from "@/ui";
import { words } from "@/words";
import { type Start, useMatch } from "./queries";

const text = words.templates.preview;
const PAUSE_MS = 300;

/** Tells what a repository of a name would start with, and its project where none is given. */
export function TryName({ project }: { project: string }) {
  const [name, setName] = useState(project && `${project}/`);
  const [settled] = useDebouncedValue(name.trim(), PAUSE_MS);
  const { data, error } = useMatch(project, settled);
  return (
    <Paper withBorder p="md">
      <Stack>
        <Title order={2} size="h4">
          {text.title}
        </Title>
        <TextInput
          label={project ? text.repositoryName : text.name}
          description={text.rule(project || "team-a")}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          autoComplete="off"
          spellCheck={false}
          maw={480}
        />
        <Refusal error={settled ? error : null} />
        {settled && data && (
          <Stack role="status">
            {!project && <Started what={text.project} start={data.project} />}
            <Started what={text.repository} start={data.repository} />
          </Stack>
        )}
      </Stack>
    </Paper>
  );
}

function Started({ what, start }: { what: string; start: Start | null }) {
  return (
    <div>
      <Text fw={500}>{what}</Text>
      <Text size="sm" c="dimmed">
        {start ? text.by(start.template, start.of_project, start.pattern) : text.none}
      </Text>
      {start && <Given start={start} />}
    </div>
  );
}

function Given({ start: { visibility, visibility_obstacle, grants } }: { start: Start }) {
  return (
    <List size="sm">
      {visibility && (
        <List.Item>
          {text.visibility(words.templates.visible[visibility])} <LeftOut why={visibility_obstacle} />
        </List.Item>
      )}
      {grants.map(({ principal, role, path_pattern, obstacle }) => (
        <List.Item key={`${principal} ${role} ${path_pattern}`}>
          <Code>{text.gives(role, path_pattern)}</Code> {text.to}{" "}
          {principal === "creator" ? text.creator : <Principal identity={principal} />}{" "}
          <LeftOut why={obstacle} />
        </List.Item>
      ))}
    </List>
  );
}

function LeftOut({ why }: { why: string }) {
  if (!why) return null;
  return (
    <Text span inherit c="var(--mantine-color-error)">
      {text.leftOut(why)}
    </Text>
  );
}
