// SPDX-License-Identifier: Apache-2.0
import { Button, Group } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconCopyPlus } from "@tabler/icons-react";
import type { ArtifactSubject } from "@/shell/feature";
import { Dialog } from "@/ui";
import { copies as text } from "@/words/copies";
import { CopyTable } from "./CopyTable";
import { StartCopy } from "./StartCopy";

/** Copying an artifact, and the copies of its repository. */
export default function ArtifactTab({ subject }: { subject: ArtifactSubject }) {
  const [isOpen, { open, close }] = useDisclosure();
  return (
    <CopyTable repository={subject.repository}>
      {subject.may.includes("pull") && (
        <Group>
          <Button leftSection={<IconCopyPlus size={16} />} onClick={open}>
            {text.start}
          </Button>
          <Dialog title={text.starting.title} isOpen={isOpen} onClose={close}>
            <StartCopy subject={subject} onEnd={close} />
          </Dialog>
        </Group>
      )}
    </CopyTable>
  );
}
