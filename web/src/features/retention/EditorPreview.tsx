// SPDX-License-Identifier: Apache-2.0
import { Paper, SegmentedControl, Stack, Text, Title } from "@mantine/core";
import { retention } from "@/words/retention";
import type { DraftRule } from "./drafts";
import { TriedRules, type useTried } from "./Trial";

const text = retention.preview;

interface Properties {
  tried: ReturnType<typeof useTried>;
  /** Whether nothing can be tried before something is put right. */
  isPaused: boolean;
  /** The one that is being edited. */
  rule: DraftRule | undefined;
  isAlone: boolean;
  onAlone: (isAlone: boolean) => void;
}

/** What would go once the rules were saved, while they are edited; or what one of them would delete. */
export function EditorPreview({ tried, isPaused, rule, isAlone, onAlone }: Properties) {
  const isOne = rule !== undefined && isAlone;
  return (
    <Paper withBorder p="md" component="section" aria-label={text.title}>
      <Stack gap="sm">
        <Title order={3} size="h5">
          {text.title}
        </Title>
        {rule && (
          <SegmentedControl
            fullWidth
            size="xs"
            aria-label={text.which}
            data={[
              { value: "all", label: text.all },
              { value: "alone", label: text.alone(rule.name) },
            ]}
            value={isAlone ? "alone" : "all"}
            onChange={(value) => onAlone(value === "alone")}
          />
        )}
        {isOne && rule.effect === "keep" && (
          <Text size="sm" c="dimmed">
            {text.keeping}
          </Text>
        )}
        {isPaused ? (
          <Text size="sm" c="dimmed" role="status">
            {text.paused}
          </Text>
        ) : (
          <TriedRules {...tried} />
        )}
      </Stack>
    </Paper>
  );
}
