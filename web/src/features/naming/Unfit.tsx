// SPDX-License-Identifier: Apache-2.0
import { Code, List, Paper, Stack, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { Refusal } from "@/ui";
import { words } from "@/words";
import { naming } from "@/words/naming";
import { type Rule, SHOWN_UNFIT, type UnfitItem, useUnfit } from "./queries";

const text = naming.preview;
const PAUSE_MS = 300;

/** Tells what is there that a rule would refuse if it were new, while the rule is typed. */
export function Unfit({ project, rule }: { project: string; rule: Rule }) {
  const [settled] = useDebouncedValue(JSON.stringify({ ...rule, description: "" }), PAUSE_MS);
  const { data, error } = useUnfit(project, settled);
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

function Listed({ items }: { items: UnfitItem[] }) {
  const shown = items.slice(0, SHOWN_UNFIT);
  if (!shown.length)
    return (
      <Text size="sm" c="dimmed">
        {text.none}
      </Text>
    );
  return (
    <>
      <Text size="sm">{items.length > shown.length ? text.more(shown.length) : text.some}</Text>
      <List size="sm" style={{ overflowWrap: "anywhere" }}>
        {shown.map(({ repository, tag, fault, type }) => (
          <List.Item key={`${repository}:${tag}`}>
            <Code>{tag ? `${repository}:${tag}` : repository}</Code>{" "}
            <Text span inherit c="dimmed">
              {fault === "type" ? text.type(words.artifacts.types[type ?? ""] ?? "") : text.faults[fault]}
            </Text>
          </List.Item>
        ))}
      </List>
    </>
  );
}
