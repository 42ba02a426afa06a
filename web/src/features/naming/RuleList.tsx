// SPDX-License-Identifier: Apache-2.0
import { Box, Button, Code, Group, Paper, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { Command, Confirm, Empty, Fact, Facts, Failure, Loading } from "@/ui";
import { naming as text } from "@/words/naming";
import { type Rule, type Rules, useRemoveRule, useRules } from "./queries";

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
      <Text c="dimmed">{about}</Text>
      {data.rules.length === 0 && (
        <Empty
          title={text.empty}
          text={text.emptyHint}
          action={
            <Box maw="100%">
              <Command text={text.commandFor(project)} what={text.command} />
            </Box>
          }
        />
      )}
      <Stack gap="xs" component="ol" m={0} p={0} style={{ listStyle: "none" }} aria-label={text.title}>
        {data.rules.map((rule, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a rule is what stands in its place
          <Paper withBorder p="sm" component="li" key={at}>
            <Group align="start" justify="space-between">
              <Described rule={rule} number={at + 1} />
              {mayChange && <Remove project={project} rules={data} at={at} />}
            </Group>
          </Paper>
        ))}
      </Stack>
    </Stack>
  );
}

function Described({ rule, number }: { rule: Rule; number: number }) {
  const parts = [
    [text.names, rule.names ?? []],
    [text.tags, rule.tags ?? []],
    [text.types, rule.artifact_types ?? []],
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

function Remove({ project, rules, at }: { project: string; rules: Rules; at: number }) {
  const [isOpen, { open, close }] = useDisclosure();
  const remove = useRemoveRule(project, rules);
  return (
    <>
      <Button size="compact-sm" variant="subtle" onClick={open} aria-label={text.remove.label(at + 1)}>
        {text.remove.act}
      </Button>
      <Confirm
        title={text.remove.title(at + 1)}
        text={text.remove.text}
        act={text.remove.act}
        isOpen={isOpen}
        onClose={close}
        run={() => remove(at)}
      />
    </>
  );
}
