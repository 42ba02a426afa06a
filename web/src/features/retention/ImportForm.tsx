// SPDX-License-Identifier: Apache-2.0
import { Alert, Button, Group, List, Stack, Table, Text, Textarea, Title } from "@mantine/core";
import { IconInfoCircle } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Problem } from "@/api";
import { Choice, Refusal, shortDigest } from "@/ui";
import { retention } from "@/words/retention";
import { type Difference, type Format, type Imported, type Rule, readForeign } from "./queries";
import { RuleCard, RuleCards } from "./RuleCard";
import { refusalText } from "./refused";
import { whenOf } from "./schedule";
import type { Scope } from "./scope";

const text = retention.import;
const REFUSED = "retention_import_refused";

interface Properties {
  scope: Scope;
  onUse: (rules: readonly Rule[], cron?: string) => void;
}

/** Reads a policy of another registry, and tells what would be treated differently here before it is taken over. */
export function ImportForm({ scope, onUse }: Properties) {
  const [format, setFormat] = useState<Format>("ecr");
  const [typed, setTyped] = useState("");
  const [fault, setFault] = useState<string>();
  const reading = useMutation({
    mutationFn: (document: Record<string, unknown>) => readForeign(scope, format, document),
  });
  const change = (changed: () => void) => {
    reading.reset();
    setFault(undefined);
    changed();
  };
  const compare = () => {
    const parsed = parse(typed);
    if (typeof parsed === "string") setFault(parsed);
    else reading.mutate(parsed);
  };
  if (reading.data) return <Found found={reading.data} onAgain={reading.reset} onUse={onUse} />;
  const refused =
    reading.error instanceof Problem && reading.error.code === REFUSED ? reading.error : undefined;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        compare();
      }}
    >
      <Stack>
        <Choice
          label={text.format}
          options={text.formats}
          value={format}
          onChange={(chosen) => change(() => setFormat(chosen))}
        />
        <Textarea
          label={text.document}
          description={text.documentRule}
          error={fault ?? (refused && refusalText(refused))}
          value={typed}
          onChange={({ currentTarget: { value } }) => change(() => setTyped(value))}
          autosize
          minRows={8}
          maxRows={16}
          autoComplete="off"
          spellCheck={false}
          styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
          data-autofocus
        />
        <Refusal error={refused ? null : reading.error} />
        <Group justify="flex-end">
          <Button type="submit" loading={reading.isPending} disabled={!typed.trim()}>
            {text.compare}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** The object that was pasted, or what is wrong with it. */
function parse(typed: string): Record<string, unknown> | string {
  try {
    const parsed: unknown = JSON.parse(typed);
    const isObject = typeof parsed === "object" && parsed !== null && !Array.isArray(parsed);
    return isObject ? (parsed as Record<string, unknown>) : text.notObject;
  } catch (error) {
    return text.notJson(error instanceof Error ? error.message : String(error));
  }
}

interface FoundProperties {
  found: Imported;
  onAgain: () => void;
  onUse: Properties["onUse"];
}

function Found({ found, onAgain, onUse }: FoundProperties) {
  return (
    <Stack>
      <Title order={3} size="h5">
        {text.rules}
      </Title>
      <RuleCards label={text.rules}>
        {found.rules.map((rule) => (
          <RuleCard key={rule.name} rule={rule} />
        ))}
      </RuleCards>
      <Text size="sm">{whenOf(found.cron)}</Text>
      <Title order={3} size="h5">
        {text.notes}
      </Title>
      <List size="sm">
        {found.notes.map((note) => (
          <List.Item key={note}>{note}</List.Item>
        ))}
      </List>
      <Title order={3} size="h5">
        {text.differences}
      </Title>
      {!found.is_whole && (
        <Alert color="orange" icon={<IconInfoCircle />}>
          {text.notWhole}
        </Alert>
      )}
      <Differences differences={found.differences} units={found.units} />
      <Group justify="flex-end">
        <Button variant="default" onClick={onAgain}>
          {text.again}
        </Button>
        <Button onClick={() => onUse(found.rules, found.cron)}>{text.use}</Button>
      </Group>
    </Stack>
  );
}

const LIST_PX = 320;

function Differences({ differences, units }: { differences: readonly Difference[]; units: number }) {
  if (!differences.length) return <Text>{text.same(units)}</Text>;
  return (
    <>
      <Text>{text.some(differences.length, units)}</Text>
      <Table.ScrollContainer
        minWidth={420}
        mah={LIST_PX}
        scrollAreaProps={{ type: "auto", viewportProps: { tabIndex: 0 } }}
      >
        <Table aria-label={text.differences}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{text.what}</Table.Th>
              <Table.Th>{text.outcome}</Table.Th>
              <Table.Th>{text.why}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {differences.map((each) => (
              <Table.Tr key={`${each.repository}:${each.tag ?? each.digest}`}>
                <Table.Td style={{ overflowWrap: "anywhere" }}>
                  {`${each.repository}${each.tag ? `:${each.tag}` : ` ${shortDigest(each.digest)}`}`}
                </Table.Td>
                <Table.Td>{each.goes_here ? text.goesHere : text.staysHere}</Table.Td>
                <Table.Td>
                  {each.reason}
                  {each.rules.length > 0 && ` (${each.rules.join(", ")})`}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </>
  );
}
