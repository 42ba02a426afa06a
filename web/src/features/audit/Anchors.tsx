// SPDX-License-Identifier: Apache-2.0
import { Button, Group, Stack, Text } from "@mantine/core";
import { IconDownload, IconPlayerStop } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { Refusal } from "@/ui";
import { counted } from "@/words";
import { audit } from "@/words/audit";
import { type Checkpoint, everyCheckpoint } from "./queries";
import { save } from "./saving";

const text = audit.standing;

/** Buttons that download checkpoints, a token on each line. */
export function Anchors({ newest }: { newest: Checkpoint }) {
  const [count, setCount] = useState(0);
  const asking = useRef<AbortController>(undefined);
  useEffect(() => () => asking.current?.abort(), []);
  const downloading = useMutation({
    mutationFn: async () => {
      asking.current = new AbortController();
      setCount(0);
      const { signal } = asking.current;
      try {
        saveLines(await everyCheckpoint(setCount, signal));
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    },
  });
  return (
    <Stack gap="xs">
      <Refusal error={downloading.error} />
      <Group gap="xs">
        <Button
          variant="default"
          leftSection={<IconDownload size={16} />}
          onClick={() => saveLines([newest.token])}
        >
          {text.downloadNewest}
        </Button>
        <Button
          variant="default"
          leftSection={<IconDownload size={16} />}
          loading={downloading.isPending}
          onClick={() => downloading.mutate()}
        >
          {text.downloadAll}
        </Button>
        {downloading.isPending && (
          <>
            <Text size="sm" role="status">
              {text.downloading(counted(count, text.checkpoints))}
            </Text>
            <Button
              variant="subtle"
              leftSection={<IconPlayerStop size={16} />}
              onClick={() => asking.current?.abort()}
            >
              {text.stop}
            </Button>
          </>
        )}
      </Group>
    </Stack>
  );
}

/** Let the browser save a text of these lines. */
function saveLines(lines: readonly string[]): void {
  const content = lines.map((line) => `${line}\n`);
  save(new Blob(content, { type: "text/plain" }), text.file);
}
