// SPDX-License-Identifier: Apache-2.0
import { Button, Group, List, Paper, Stack, Text, TextInput, Title } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { Loading, Refusal } from "@/ui";
import { words } from "@/words";
import { naming } from "@/words/naming";
import { type Explained, useExplained } from "./queries";

const text = naming.explain;

/** Asks what rules say to a name, before anybody pushes it. */
export function TryName({ project }: { project: string }) {
  const [typed, setTyped] = useState("");
  const [asked, setAsked] = useState("");
  const explained = useExplained(asked);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setAsked(typed.trim());
  };
  return (
    <Paper withBorder p="md" component="section" aria-label={text.title}>
      <Stack gap="sm">
        <Title order={2} size="h4">
          {text.title}
        </Title>
        <form onSubmit={submit}>
          <Group gap="sm" align="end">
            <TextInput
              label={text.name}
              description={text.nameRule}
              placeholder={text.example(project)}
              value={typed}
              onChange={(event) => setTyped(event.currentTarget.value)}
              autoComplete="off"
              spellCheck={false}
              flex="1 1 240px"
            />
            <Button type="submit" variant="default" disabled={!typed.trim()}>
              {text.act}
            </Button>
          </Group>
        </form>
        {asked && explained.isPending && <Loading />}
        <Refusal error={asked && explained.error} />
        {explained.data && <Told of={explained.data} />}
      </Stack>
    </Paper>
  );
}

function Told({ of }: { of: Explained }) {
  const isEverything = of.types.length === Object.keys(words.artifacts.types).length - 1;
  return (
    <Stack gap={4} role="status" style={{ overflowWrap: "anywhere" }}>
      {of.refusals.length ? (
        <List>
          {of.refusals.map((each) => (
            <List.Item key={each}>{each}</List.Item>
          ))}
        </List>
      ) : (
        <Text>{of.tag && of.is_tag_there ? text.isThere : text.isAllowed}</Text>
      )}
      <Text size="sm" c="dimmed">
        {text.counting(of.rules.length)}{" "}
        {isEverything
          ? text.anyType
          : text.types(of.types.map((each) => words.artifacts.types[each] ?? each).join(", "))}
      </Text>
    </Stack>
  );
}
