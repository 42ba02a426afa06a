// SPDX-License-Identifier: Apache-2.0
import { Box, Button, Group, Stack, Text, Title } from "@mantine/core";
import { IconCopy, IconPlus, IconPower } from "@tabler/icons-react";
import { MenuAct, MenuRemoval, RowMenu } from "@/ui";
import { retention } from "@/words/retention";
import { type DraftRule, faultsOf, MOST_RULES, newRule, ruleOf, withCopy } from "./drafts";
import { RuleCard, RuleCards } from "./RuleCard";
import { faultText, type Refused, RuleForm } from "./RuleForm";
import { refusalText } from "./refused";

const text = retention.editor;
const words = retention.rule;

interface Properties {
  rules: DraftRule[];
  /** Which one is edited. */
  open: number | undefined;
  refused: Refused | undefined;
  onOpen: (id: number | undefined) => void;
  onChange: (rules: DraftRule[]) => void;
}

/** The rules of a policy, each a card that opens to be edited. */
export function EditorRules({ rules, open, refused, onOpen, onChange }: Properties) {
  const add = () => {
    const rule = newRule(rules);
    onChange([...rules, rule]);
    onOpen(rule.id);
  };
  const replace = (rule: DraftRule) => onChange(rules.map((each) => (each.id === rule.id ? rule : each)));
  return (
    <Stack gap="sm">
      <Title order={3} size="h5">
        {text.rules}
      </Title>
      {rules.length === 0 && <Text c="dimmed">{text.none}</Text>}
      <RuleCards label={text.rules}>
        {rules.map((rule) => (
          <EditedRule
            key={rule.id}
            rule={rule}
            rules={rules}
            isOpen={rule.id === open}
            refused={refused?.rule === rule.id ? refused : undefined}
            onOpen={(isOpen) => onOpen(isOpen ? rule.id : undefined)}
            onChange={replace}
            onCopy={() => onChange(withCopy(rules, rule.id))}
            onRemove={() => onChange(rules.filter(({ id }) => id !== rule.id))}
          />
        ))}
      </RuleCards>
      <Group>
        {rules.length < MOST_RULES ? (
          <Button variant="default" leftSection={<IconPlus size={16} />} onClick={add}>
            {text.add}
          </Button>
        ) : (
          <Text size="sm">{text.most(MOST_RULES)}</Text>
        )}
      </Group>
    </Stack>
  );
}

interface EditedProperties {
  rule: DraftRule;
  rules: readonly DraftRule[];
  isOpen: boolean;
  refused: Refused | undefined;
  onOpen: (isOpen: boolean) => void;
  onChange: (rule: DraftRule) => void;
  onCopy: () => void;
  onRemove: () => void;
}

function EditedRule({ rule, rules, isOpen, refused, onOpen, onChange, onCopy, onRemove }: EditedProperties) {
  const faults = faultsOf(rule, rules);
  const isWrong = faults.length > 0 || refused !== undefined;
  return (
    <RuleCard
      rule={ruleOf(rule)}
      actions={
        <Group gap={4} wrap="nowrap">
          <Button
            size="compact-sm"
            variant="subtle"
            aria-expanded={isOpen}
            aria-label={`${isOpen ? words.close : words.edit}: ${rule.name}`}
            onClick={() => onOpen(!isOpen)}
          >
            {isOpen ? words.close : words.edit}
          </Button>
          <RowMenu label={words.actions(rule.name)}>
            {() => (
              <>
                <MenuAct icon={IconCopy} onClick={onCopy}>
                  {words.duplicate}
                </MenuAct>
                <MenuAct icon={IconPower} onClick={() => onChange({ ...rule, isEnabled: !rule.isEnabled })}>
                  {rule.isEnabled ? words.disable : words.enable}
                </MenuAct>
                <MenuRemoval onClick={onRemove}>{words.remove}</MenuRemoval>
              </>
            )}
          </RowMenu>
        </Group>
      }
    >
      {isOpen && (
        <Box mt="md">
          <RuleForm rule={rule} faults={faults} refused={refused} onChange={onChange} />
        </Box>
      )}
      {!isOpen && isWrong && (
        <Text size="sm" c="var(--mantine-color-error)" mt="xs" role="alert">
          {[...faults.map(faultText), refused && refusalText(refused.problem)].filter(Boolean).join(" ")}
        </Text>
      )}
    </RuleCard>
  );
}
