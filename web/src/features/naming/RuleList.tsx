// SPDX-License-Identifier: Apache-2.0
import { Box, Button, Code, Group, Paper, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlus } from "@tabler/icons-react";
import { Dialog, Empty, Fact, Facts, Failure, Loading } from "@/ui";
import { words } from "@/words";
import { naming as text } from "@/words/naming";
import { type Rule, type Rules, useRules, useSetRules } from "./queries";
import { RuleActions } from "./RuleActions";
import { RuleForm } from "./RuleForm";
import { TryName } from "./TryName";

interface Properties {
  /** Empty for the registry. */
  project: string;
  about: string;
  mayChange: boolean;
}

/** The rules of a project or of the registry about what is new there. */
export function RuleList({ project, about, mayChange }: Properties) {
  const rules = useRules(project);
  if (rules.isPending) return <Loading />;
  if (!rules.data) return <Failure error={rules.error} retry={() => void rules.refetch()} />;
  const { data } = rules;
  return (
    <Stack>
      <Group justify="space-between">
        <Text c="dimmed" flex={1} miw={240}>
          {about}
        </Text>
        {mayChange && <AddRule project={project} rules={data} />}
      </Group>
      {data.rules.length === 0 && <Empty title={text.empty} text={text.emptyHint} />}
      <Stack gap="xs" component="ol" m={0} p={0} style={{ listStyle: "none" }} aria-label={text.title}>
        {data.rules.map((rule, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a rule is what stands in its place
          <Paper withBorder p="sm" component="li" key={at}>
            <Group wrap="nowrap" align="start" justify="space-between">
              <Described rule={rule} number={at + 1} />
              {mayChange && <RuleActions project={project} rules={data} at={at} />}
            </Group>
          </Paper>
        ))}
      </Stack>
      <TryName project={project} />
    </Stack>
  );
}

function Described({ rule, number }: { rule: Rule; number: number }) {
  const parts = [
    [text.names, rule.names ?? []],
    [text.tags, rule.tags ?? []],
    [text.types, (rule.artifact_types ?? []).map((each) => words.artifacts.types[each] ?? each)],
  ] as const;
  return (
    <Box style={{ overflowWrap: "anywhere" }} miw={0}>
      <Text fw={500}>
        {text.rule(number)} {text.about} <Code>{rule.repositories}</Code>
      </Text>
      {rule.description && (
        <Text size="sm" c="dimmed">
          {rule.description}
        </Text>
      )}
      <Facts>
        {parts
          .filter(([, allowed]) => allowed.length)
          .map(([name, allowed]) => (
            <Fact key={name} name={name}>
              {allowed.join(text.or)}
            </Fact>
          ))}
      </Facts>
    </Box>
  );
}

function AddRule({ project, rules: { rules, revision } }: { project: string; rules: Rules }) {
  const [isOpen, { open, close }] = useDisclosure();
  const set = useSetRules(project, revision);
  return (
    <>
      <Button leftSection={<IconPlus size={16} />} onClick={open}>
        {text.add}
      </Button>
      <Dialog title={text.form.add} isOpen={isOpen} onClose={close} size="lg">
        <RuleForm project={project} save={(rule) => set([...rules, rule])} onEnd={close} />
      </Dialog>
    </>
  );
}
