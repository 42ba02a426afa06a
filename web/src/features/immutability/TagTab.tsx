// SPDX-License-Identifier: Apache-2.0
import { Badge, Button, Code, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import type { ArtifactSubject } from "@/shell/feature";
import { Confirm, Dialog, Fact, Facts, Failure, Loading, Principal, Until } from "@/ui";
import { immutability } from "@/words/immutability";
import { OverrideForm } from "./OverrideForm";
import { type Explained, type TagPlace, useExplained, useTakeOverride } from "./queries";

const text = immutability.tag;

/** Which rule decides about the tag, what it lets happen, and the way around it for those who have one. */
export default function TagTab({ subject: { repository, tag = "", may } }: { subject: ArtifactSubject }) {
  const place = { repository, tag };
  const explained = useExplained(place);
  if (explained.isPending) return <Loading />;
  if (!explained.data) return <Failure error={explained.error} retry={() => void explained.refetch()} />;
  const mayOverride = may.includes("override");
  return (
    <Stack maw={760}>
      <Decision of={explained.data} />
      <Overriding place={place} of={explained.data} mayOverride={mayOverride} />
    </Stack>
  );
}

function Decision({ of }: { of: Explained }) {
  const { decides } = of;
  return (
    <Paper withBorder p="md" component="section" aria-label={text.title}>
      <Stack gap="sm" style={{ overflowWrap: "anywhere" }}>
        <Title order={2} size="h4">
          {text.title}
        </Title>
        <Text>{of.explanation}</Text>
        <Facts>
          {decides && (
            <Fact name={text.rule}>
              {text.ruleOf(decides.number, decides.project)}{" "}
              <Code>{immutability.where(decides.rule.tags, decides.rule.repositories)}</Code>
            </Fact>
          )}
          <Fact name={text.move}>{text.rulings[of.move]}</Fact>
          <Fact name={text.delete}>{text.rulings[of.delete]}</Fact>
        </Facts>
      </Stack>
    </Paper>
  );
}

interface Properties {
  place: TagPlace;
  of: Explained;
  mayOverride: boolean;
}

/** An override that is in force, and the way to give or to take one back. */
function Overriding({ place, of: { override, move, delete: deletion }, mayOverride }: Properties) {
  const isKept = move !== "free" || deletion !== "free";
  if (!override) return mayOverride && isKept ? <Give place={place} /> : null;
  return (
    <Paper withBorder p="md" component="section" aria-label={text.override.title}>
      <Stack gap="sm" style={{ overflowWrap: "anywhere" }}>
        <Group justify="space-between">
          <Group gap="sm">
            <Title order={2} size="h4">
              {text.override.title}
            </Title>
            <Badge variant="light" color="orange" tt="none">
              {text.override.isOpen}
            </Badge>
          </Group>
          {mayOverride && <Take place={place} />}
        </Group>
        <Facts>
          <Fact name={text.override.reason}>{override.reason}</Fact>
          <Fact name={text.override.ends}>
            <Until at={override.expires_at} />
          </Fact>
          <Fact name={text.override.by}>
            <Principal identity={override.created_by} />
          </Fact>
        </Facts>
      </Stack>
    </Paper>
  );
}

function Give({ place }: { place: TagPlace }) {
  const [isOpen, { open, close }] = useDisclosure();
  return (
    <Group>
      <Button variant="default" onClick={open}>
        {text.override.give}
      </Button>
      <Dialog title={text.override.giveTitle(place.tag)} isOpen={isOpen} onClose={close}>
        <OverrideForm place={place} onEnd={close} />
      </Dialog>
    </Group>
  );
}

function Take({ place }: { place: TagPlace }) {
  const [isOpen, { open, close }] = useDisclosure();
  const take = useTakeOverride(place);
  return (
    <>
      <Button variant="default" size="xs" onClick={open}>
        {text.override.take}
      </Button>
      <Confirm
        title={text.override.takeTitle(place.tag)}
        text={text.override.takeText}
        act={text.override.take}
        isHarmless
        isOpen={isOpen}
        onClose={close}
        run={take}
      />
    </>
  );
}
