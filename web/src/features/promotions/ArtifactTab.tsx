// SPDX-License-Identifier: Apache-2.0
import { Button, Group, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconArrowBarToUp } from "@tabler/icons-react";
import type { ArtifactSubject } from "@/shell/feature";
import { Dialog } from "@/ui";
import { promotions as text } from "@/words/promotions";
import { Promote } from "./Promote";
import { PromotionTable } from "./PromotionTable";
import { usePromotionsOf } from "./queries";

/** Promoting an artifact, and the promotions of its repository. */
export default function ArtifactTab({ subject }: { subject: ArtifactSubject }) {
  const [isOpen, { open, close }] = useDisclosure();
  const list = usePromotionsOf(subject.repository);
  return (
    <Stack>
      <Text c="dimmed">{text.here}</Text>
      {subject.may.includes("pull") && (
        <Group>
          <Button leftSection={<IconArrowBarToUp size={16} />} onClick={open}>
            {text.promote.start}
          </Button>
          <Dialog title={text.promote.title} isOpen={isOpen} onClose={close}>
            <Promote subject={subject} onEnd={close} />
          </Dialog>
        </Group>
      )}
      <PromotionTable list={list} name="here" />
    </Stack>
  );
}
