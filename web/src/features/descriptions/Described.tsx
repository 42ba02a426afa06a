// SPDX-License-Identifier: Apache-2.0
import { Button, Group, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPencil } from "@tabler/icons-react";
import { Dialog, Empty, Failure, Loading, Moment, Principal } from "@/ui";
import { Markdown } from "@/ui/Markdown";
import { OwnedBy } from "@/ui/Owner";
import { descriptions as text } from "@/words/descriptions";
import { DescriptionForm } from "./DescriptionForm";
import { type Description, type Place, useDescription } from "./queries";

interface Properties {
  place: Place;
  mayChange: boolean;
}

/** What a repository or a project is said to be, and the way to say something else. */
export function Described({ place, mayChange }: Properties) {
  const description = useDescription(place);
  if (description.isPending) return <Loading />;
  if (!description.data)
    return <Failure error={description.error} retry={() => void description.refetch()} />;
  const { data } = description;
  const isEmpty = !data.text && !data.summary && !data.owner;
  return (
    <Stack>
      <Group justify="space-between" align="start">
        <Stack gap={4} flex="1 1 260px">
          {!isEmpty && <About description={data} isHeaded={place.kind === "repository"} />}
        </Stack>
        {mayChange && <Change place={place} description={data} isFirst={isEmpty} />}
      </Group>
      {isEmpty ? <Empty title={text.none} text={text.noneHint} /> : <Markdown text={data.text} />}
    </Stack>
  );
}

interface AboutProperties {
  description: Description;
  /** Whether the head of the page says the summary and the owner already. */
  isHeaded: boolean;
}

function About({ description: { summary, owner, changed_at, changed_by }, isHeaded }: AboutProperties) {
  return (
    <>
      {!isHeaded && summary && <Text fw={500}>{summary}</Text>}
      {!isHeaded && owner && <OwnedBy owner={owner} />}
      <Text size="sm" c="dimmed" component="div">
        {text.changed} <Moment at={changed_at} /> {text.by} <Principal identity={changed_by ?? ""} />
      </Text>
    </>
  );
}

function Change({
  place,
  description,
  isFirst,
}: {
  place: Place;
  description: Description;
  isFirst: boolean;
}) {
  const [isOpen, { open, close }] = useDisclosure();
  return (
    <>
      <Button variant="default" leftSection={<IconPencil size={16} />} onClick={open}>
        {isFirst ? text.write : text.change}
      </Button>
      <Dialog title={text.form.title(place.name)} isOpen={isOpen} onClose={close} size="xl">
        <DescriptionForm place={place} description={description} onEnd={close} />
      </Dialog>
    </>
  );
}
