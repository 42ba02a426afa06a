// SPDX-License-Identifier: Apache-2.0
import { Badge, Button, Group, List, Paper, SimpleGrid, Text } from "@mantine/core";
import { useState } from "react";
import { Dialog, Failure, formatNumber, Loading, Moment } from "@/ui";
import { notifications } from "@/words/notifications";
import { type Rule, useRules } from "./administration";
import { RuleForm } from "./RuleForm";

const text = notifications.administration;

/** Every threshold rule, with what is at a level of it now. */
export function Rules({ mayChange }: { mayChange: boolean }) {
  const rules = useRules();
  const [changed, change] = useState("");
  const close = () => change("");
  if (rules.isPending) return <Loading />;
  if (!rules.data) return <Failure error={rules.error} retry={() => void rules.refetch()} />;
  const rule = rules.data.find((each) => each.name === changed);
  return (
    <>
      <SimpleGrid cols={{ base: 1, lg: 2 }}>
        {rules.data.map((each) => (
          <Card key={each.name} rule={each} onChange={mayChange ? () => change(each.name) : undefined} />
        ))}
      </SimpleGrid>
      <Dialog title={text.changeTitle} isOpen={rule !== undefined} onClose={close}>
        {rule && <RuleForm key={rule.name} rule={rule} onClose={close} />}
      </Dialog>
    </>
  );
}

function Card({ rule, onChange }: { rule: Rule; onChange: (() => void) | undefined }) {
  return (
    <Paper withBorder p="md" component="section" aria-label={rule.about}>
      <Group justify="space-between" align="flex-start" wrap="nowrap">
        <div>
          <Text fw={600}>{rule.about}</Text>
          <Text size="sm" c="dimmed">
            {text.levelsOf(rule.levels.map(formatNumber).join(", "), rule.unit)}
            {rule.window_minutes > 0 && ` ${text.within(formatNumber(rule.window_minutes))}`}
          </Text>
        </div>
        {onChange && (
          <Button
            variant="default"
            size="xs"
            miw="max-content"
            onClick={onChange}
            aria-label={text.changeOf(rule.about)}
          >
            {text.change}
          </Button>
        )}
      </Group>
      <Group gap="xs" mt="xs">
        {!rule.is_enabled && (
          <Badge variant="light" color="gray" tt="none">
            {text.off}
          </Badge>
        )}
        {rule.is_enabled && rule.crossed?.length === 0 && (
          <Badge variant="light" color="green" tt="none">
            {text.well}
          </Badge>
        )}
        {!rule.crossed && (
          <Text size="sm" c="dimmed">
            {text.hidden}
          </Text>
        )}
      </Group>
      {rule.crossed && rule.crossed.length > 0 && (
        <List size="sm">
          {rule.crossed.map(({ subject, value, since }) => (
            <List.Item key={subject} style={{ overflowWrap: "anywhere" }}>
              {text.crossed(subject, formatNumber(value), rule.unit)} <Moment at={since} />
            </List.Item>
          ))}
          {rule.has_more_crossed && <List.Item>{text.more}</List.Item>}
        </List>
      )}
    </Paper>
  );
}
