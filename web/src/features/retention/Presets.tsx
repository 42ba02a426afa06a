// SPDX-License-Identifier: Apache-2.0
import { Button, Group, List, Paper, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { useState } from "react";
import { Dialog, Failure, Loading } from "@/ui";
import { retention } from "@/words/retention";
import { type Preset, type Rule, usePresets } from "./queries";
import type { Scope } from "./scope";
import { sentenceOf } from "./sentence";
import { Trial } from "./Trial";

const text = retention.presets;

interface Properties {
  scope: Scope;
  onUse: (rules: readonly Rule[]) => void;
}

/** Policies that many want. Each shows what it would delete before it is taken into the editor. */
export function Presets({ scope, onUse }: Properties) {
  const presets = usePresets();
  const [looked, look] = useState<Preset>();
  if (presets.isPending) return <Loading />;
  if (!presets.data) return <Failure error={presets.error} retry={() => void presets.refetch()} />;
  return (
    <>
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        {presets.data.items.map((preset) => (
          <Described key={preset.name} preset={preset} onLook={() => look(preset)} />
        ))}
      </SimpleGrid>
      <Dialog
        title={looked ? text.lookAt(looked.title) : ""}
        isOpen={looked !== undefined}
        onClose={() => look(undefined)}
        size="xl"
      >
        {looked && (
          <Stack>
            <Trial scope={scope} trial={{ rules: looked.rules }} />
            <Group justify="space-between">
              <Text size="sm" c="dimmed" flex={1} miw={200}>
                {text.hint}
              </Text>
              <Button onClick={() => onUse(looked.rules)} data-autofocus>
                {text.use}
              </Button>
            </Group>
          </Stack>
        )}
      </Dialog>
    </>
  );
}

function Described({ preset, onLook }: { preset: Preset; onLook: () => void }) {
  return (
    <Paper withBorder p="md">
      <Stack gap="xs" h="100%" justify="space-between">
        <div>
          <Title order={3} size="h5">
            {preset.title}
          </Title>
          <Text size="sm" c="dimmed" mb="xs">
            {preset.description}
          </Text>
          <List size="sm">
            {preset.rules.map((rule) => (
              <List.Item key={rule.name}>{sentenceOf(rule)}</List.Item>
            ))}
          </List>
        </div>
        <Group>
          <Button variant="default" onClick={onLook} aria-label={`${text.look} ${preset.title}`}>
            {text.look}
          </Button>
        </Group>
      </Stack>
    </Paper>
  );
}
