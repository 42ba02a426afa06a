// SPDX-License-Identifier: Apache-2.0
import { Code, List, Paper, Stack, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { Refusal } from "@/ui";
import { immutability } from "@/words/immutability";
import { type Matched, SHOWN_MATCHES, useMatches } from "./queries";

const text = immutability.preview;
const PAUSE_MS = 300;

interface Properties {
  project: string;
  repositories: string;
  tags: string;
}

/** Tells which tags a rule would be about while it is typed, and what decides about them now. */
export function Matches({ project, repositories, tags }: Properties) {
  const [settledRepositories] = useDebouncedValue(repositories.trim(), PAUSE_MS);
  const [settledTags] = useDebouncedValue(tags.trim(), PAUSE_MS);
  const { data, error } = useMatches(project, settledRepositories, settledTags);
  if (!settledRepositories || !settledTags) return null;
  return (
    <Paper withBorder p="sm">
      <Stack gap="xs" role="status">
        <Text fw={500}>{text.title}</Text>
        <Refusal error={error} />
        {data && <Listed items={data.items} />}
      </Stack>
    </Paper>
  );
}

function Listed({ items }: { items: Matched[] }) {
  const shown = items.slice(0, SHOWN_MATCHES);
  if (!shown.length)
    return (
      <Text size="sm" c="dimmed">
        {text.none}
      </Text>
    );
  return (
    <>
      <Text size="sm">{items.length > shown.length ? text.more(shown.length) : text.some(shown.length)}</Text>
      <List size="sm" style={{ overflowWrap: "anywhere" }}>
        {shown.map(({ repository, tag, decides_now }) => (
          <List.Item key={`${repository}:${tag}`}>
            <Code>{`${repository}:${tag}`}</Code>{" "}
            <Text span inherit c="dimmed">
              {decides_now
                ? text.now(immutability.effects[decides_now.rule.effect].label, decides_now.number)
                : text.free}
            </Text>
          </List.Item>
        ))}
      </List>
    </>
  );
}
