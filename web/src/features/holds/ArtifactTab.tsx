// SPDX-License-Identifier: Apache-2.0
import { Button, Group, Paper, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconLockPlus } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { artifactAddress } from "@/shell/addresses";
import type { ArtifactSubject } from "@/shell/feature";
import { Empty, Failure, Loading, Moment, Principal, shortDigest } from "@/ui";
import { holds as text } from "@/words/holds";
import { PlaceHold } from "./PlaceHold";
import { Ending, KindBadge } from "./parts";
import { type Hold, type Kind, useKeeping } from "./queries";
import { ChangeHold } from "./ReleaseHold";

/** The holds that keep one artifact: on it, on what is above it, and on all of its repository. */
export default function ArtifactTab({ subject }: { subject: ArtifactSubject }) {
  const { repository, digest } = subject;
  const keeping = useKeeping(repository, digest);
  if (keeping.isPending) return <Loading />;
  if (!keeping.data) return <Failure error={keeping.error} retry={() => void keeping.refetch()} />;
  const { items, may } = keeping.data;
  return (
    <Stack maw={860}>
      <Group justify="space-between">
        <Text c="dimmed" flex={1} miw={240}>
          {text.aboutArtifact}
        </Text>
        {may.length > 0 && <Place subject={subject} may={may} />}
      </Group>
      {items.length === 0 && <Empty title={text.free} text={text.freeHint} />}
      <Stack gap="xs" component="ul" m={0} p={0} style={{ listStyle: "none" }} aria-label={text.list}>
        {items.map((hold) => (
          <Paper withBorder p="sm" component="li" key={hold.id}>
            <Group align="start" justify="space-between">
              <Described hold={hold} digest={digest} />
              {may.includes(hold.kind) && <ChangeHold hold={hold} />}
            </Group>
          </Paper>
        ))}
      </Stack>
    </Stack>
  );
}

function Place({ subject: { repository, digest }, may }: { subject: ArtifactSubject; may: readonly Kind[] }) {
  const [isOpen, { open, close }] = useDisclosure();
  return (
    <>
      <Button leftSection={<IconLockPlus size={16} />} onClick={open}>
        {text.place}
      </Button>
      <PlaceHold repository={repository} digest={digest} may={may} isOpen={isOpen} onClose={close} />
    </>
  );
}

function Described({ hold, digest }: { hold: Hold; digest: string }) {
  return (
    <Stack gap={4} flex="1 1 260px" style={{ overflowWrap: "anywhere" }}>
      <Group gap="xs">
        <KindBadge kind={hold.kind} />
        <Text fw={500}>{hold.reason}</Text>
      </Group>
      <Group gap="4px 16px" fz="sm">
        <span>
          <On hold={hold} digest={digest} />
        </span>
        <span>
          <Ending hold={hold} />
        </span>
      </Group>
      <Text size="sm" c="dimmed" component="div">
        <Moment at={hold.placed_at} /> {text.by} <Principal identity={hold.placed_by} />
      </Text>
    </Stack>
  );
}

function On({ hold, digest }: { hold: Hold; digest: string }) {
  if (hold.digest === null) return text.whole;
  if (hold.digest === digest) return text.this;
  return (
    <>
      {text.above}{" "}
      <Link to={artifactAddress(hold.repository, hold.digest) as "/"}>{shortDigest(hold.digest)}</Link>
    </>
  );
}
