// SPDX-License-Identifier: Apache-2.0
import { Button, Code, Group, Stack, Text, TextInput, Title, UnstyledButton } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Failure, Loading, Moment, Principal, Refusal, tellRefused } from "@/ui";
import { labels as text } from "@/words/labels";
import { type Label, type Place, useChangeLabels, useLabels } from "./queries";

interface Properties {
  place: Place;
  maySay: boolean;
}

export function Labels({ place, maySay }: Properties) {
  const labels = useLabels(place);
  return (
    <Stack gap="sm" component="section" aria-label={text.title}>
      <Title order={2} size="h4">
        {text.title}
      </Title>
      <Text size="sm" c="dimmed">
        {text.about}
      </Text>
      {labels.isPending && <Loading />}
      {labels.isError && <Failure error={labels.error} retry={() => void labels.refetch()} />}
      {labels.data && <Listed place={place} items={labels.data.items} maySay={maySay} />}
      {maySay && <Add place={place} />}
    </Stack>
  );
}

function Listed({ place, items, maySay }: Properties & { items: Label[] }) {
  const change = useChangeLabels(place);
  if (!items.length) return <Text>{text.none}</Text>;
  const remove = (key: string) =>
    void change({ [key]: null }).catch((error: unknown) => tellRefused(error, text.notRemoved));
  return (
    <Stack gap={6} component="ul" m={0} p={0} style={{ listStyle: "none" }}>
      {items.map((label) => (
        <Group key={label.key} component="li" gap="4px 12px" style={{ overflowWrap: "anywhere" }}>
          <Group gap={4} wrap="nowrap" miw={0}>
            <Code fz="sm">{spelled(label)}</Code>
            {maySay && (
              <UnstyledButton
                onClick={() => remove(label.key)}
                aria-label={text.remove(spelled(label))}
                title={text.remove(spelled(label))}
                display="inline-flex"
                p={4}
              >
                <IconX size={16} aria-hidden />
              </UnstyledButton>
            )}
          </Group>
          <Group gap={6}>
            <Text size="sm" c="dimmed" component="div">
              <Principal identity={label.changed_by} />
            </Text>
            <Text size="sm" c="dimmed">
              <Moment at={label.changed_at} />
            </Text>
          </Group>
        </Group>
      ))}
    </Stack>
  );
}

function spelled({ key, value }: Label): string {
  return value ? `${key}=${value}` : key;
}

const NOTHING = { key: "", value: "" };

function Add({ place }: { place: Place }) {
  const [{ key, value }, setTyped] = useState(NOTHING);
  const change = useChangeLabels(place);
  const adding = useMutation({
    mutationFn: () => change({ [key.trim()]: value.trim() }),
    onSuccess: () => setTyped(NOTHING),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (key.trim()) adding.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <Group gap="sm" align="end">
          <TextInput
            label={text.key}
            description={text.keyHint}
            value={key}
            onChange={(event) => setTyped({ key: event.currentTarget.value, value })}
            autoComplete="off"
            spellCheck={false}
            flex="1 1 180px"
          />
          <TextInput
            label={text.value}
            description={text.valueHint}
            value={value}
            onChange={(event) => setTyped({ key, value: event.currentTarget.value })}
            autoComplete="off"
            spellCheck={false}
            flex="1 1 180px"
          />
          <Button
            type="submit"
            variant="default"
            leftSection={<IconPlus size={16} />}
            loading={adding.isPending}
            disabled={!key.trim()}
          >
            {text.add}
          </Button>
        </Group>
        <Refusal error={adding.error} />
      </Stack>
    </form>
  );
}
