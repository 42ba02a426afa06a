// SPDX-License-Identifier: Apache-2.0
import { Badge, Box, Code, Group, Paper, Text, ThemeIcon } from "@mantine/core";
import { IconArchive, IconTagOff, IconTrash } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { retention as text } from "@/words/retention";
import type { Rule } from "./queries";
import { sentenceOf } from "./sentence";

const ICONS = {
  keep: { icon: IconArchive, color: "teal" },
  "delete-tags": { icon: IconTagOff, color: "orange" },
  "delete-artifacts": { icon: IconTrash, color: "red" },
} as const;

interface Properties {
  rule: Rule;
  /** Beside the sentence. */
  actions?: ReactNode;
  /** Below it. */
  children?: ReactNode;
}

/** A rule in one plain sentence. */
export function RuleCard({ rule, actions, children }: Properties) {
  const { icon: Icon, color } = ICONS[rule.effect];
  const isOff = rule.is_enabled === false;
  return (
    <Paper withBorder p="sm" component="li">
      <Group wrap="nowrap" align="start" gap="sm">
        <ThemeIcon variant="light" color={isOff ? "gray" : color} aria-hidden>
          <Icon size={18} />
        </ThemeIcon>
        <Box flex={1} miw={0} style={{ overflowWrap: "anywhere" }}>
          <Group gap="xs">
            <Text fw={500} td={isOff ? "line-through" : undefined}>
              {sentenceOf(rule)}
            </Text>
            {isOff && (
              <Badge variant="light" color="gray" tt="none">
                {text.policy.off}
              </Badge>
            )}
          </Group>
          <Text size="sm" c="dimmed">
            <Code>{rule.name}</Code> {rule.description}
          </Text>
        </Box>
        {actions}
      </Group>
      {children}
    </Paper>
  );
}

/** Rules as a list of cards. */
export function RuleCards({ label, children }: { label: string; children: ReactNode }) {
  return (
    <Box component="ol" m={0} p={0} aria-label={label} style={{ listStyle: "none", display: "grid", gap: 8 }}>
      {children}
    </Box>
  );
}
