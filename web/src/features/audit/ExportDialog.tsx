// SPDX-License-Identifier: Apache-2.0
import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconDownload, IconInfoCircle } from "@tabler/icons-react";
import { useState } from "react";
import { Choice, Dialog } from "@/ui";
import { words } from "@/words";
import { exportAddress, type Format, isSame, type Terms } from "./terms";

const text = words.audit.exporting;

/** A button that leads to a download of what is searched for. */
export function ExportDialog({ terms }: { terms: Terms }) {
  const [isOpen, { open, close }] = useDisclosure();
  const [format, setFormat] = useState<Format>("jsonl");
  return (
    <>
      <Button variant="default" leftSection={<IconDownload size={16} />} onClick={open}>
        {text.open}
      </Button>
      <Dialog title={text.title} isOpen={isOpen} onClose={close}>
        <Stack>
          <Text>{isSame(terms, {}) ? text.all : text.found}</Text>
          <Alert color="blue" icon={<IconInfoCircle size={18} />}>
            {text.recorded}
          </Alert>
          <Choice label={text.format} options={text.formats} value={format} onChange={setFormat} />
          <Text size="sm" c="dimmed">
            {text.broken}
          </Text>
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              {words.ui.cancel}
            </Button>
            <Button component="a" href={exportAddress(terms, format)} download onClick={close}>
              {text.act}
            </Button>
          </Group>
        </Stack>
      </Dialog>
    </>
  );
}
