// SPDX-License-Identifier: Apache-2.0
import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconDownload, IconInfoCircle } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Choice, Dialog, Refusal } from "@/ui";
import { words } from "@/words";
import { audit } from "@/words/audit";
import { fetchExport, useExportTakesTwo } from "./queries";
import { save } from "./saving";
import { exportAddress, type Format, isSame, type Terms } from "./terms";

const text = audit.exporting;

/** A button that leads to a download of what is searched for. */
export function ExportDialog({ terms }: { terms: Terms }) {
  const [isOpen, { open, close }] = useDisclosure();
  const [format, setFormat] = useState<Format>("jsonl");
  const takesTwo = useExportTakesTwo();
  const fetching = useMutation({
    mutationFn: () => fetchExport(terms, format),
    onSuccess: (content) => {
      save(content, text.file(format));
      close();
    },
  });
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
          <Refusal error={fetching.error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              {words.ui.cancel}
            </Button>
            {takesTwo ? (
              <Button loading={fetching.isPending} onClick={() => fetching.mutate()}>
                {text.act}
              </Button>
            ) : (
              <Button component="a" href={exportAddress(terms, format)} download onClick={close}>
                {text.act}
              </Button>
            )}
          </Group>
        </Stack>
      </Dialog>
    </>
  );
}
