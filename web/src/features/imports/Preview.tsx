// SPDX-License-Identifier: Apache-2.0
import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { Fact, Facts, Failure, formatBytes, formatNumber, Loading, Refusal } from "@/ui";
import { imports } from "@/words/imports";
import { change, type Import, useFailures, useImport, useRenewal } from "./queries";
import { Reasons } from "./Reasons";

const text = imports.previewing;

interface Properties {
  id: string;
  onBack: () => void;
  onEnd: () => void;
}

/** Shows what a dry run finds while it finds it, and then offers to bring that. */
export function Preview({ id, onBack, onEnd }: Properties) {
  const looked = useImport(id);
  const renew = useRenewal();
  const bringing = useMutation({
    mutationFn: () => change("run", { id }),
    onSuccess: async () => {
      await renew();
      onEnd();
    },
  });
  const goingBack = useMutation({
    mutationFn: async (isRunning: boolean) => {
      if (isRunning) await change("cancel", { id });
      await renew();
    },
    onSettled: onBack,
  });
  if (looked.error) return <Failure error={looked.error} retry={() => void looked.refetch()} />;
  if (!looked.data) return <Loading />;
  const found = looked.data;
  const isRunning = found.state === "running";
  return (
    <Stack>
      <Found found={found} />
      <Refusal error={bringing.error} />
      <Group justify="flex-end">
        <Button variant="default" loading={goingBack.isPending} onClick={() => goingBack.mutate(isRunning)}>
          {text.back}
        </Button>
        <Button
          disabled={isRunning || found.counts.looked === 0}
          loading={bringing.isPending}
          onClick={() => bringing.mutate()}
        >
          {text.bring}
        </Button>
      </Group>
    </Stack>
  );
}

function Found({ found }: { found: Import }) {
  const { counts, state, reason } = found;
  const failures = useFailures(found);
  return (
    <>
      <Text role="status">{statusOf(found)}</Text>
      {reason && (
        <Alert color={state === "failed" ? "red" : "yellow"} title={text.against}>
          {reason}
        </Alert>
      )}
      <Facts>
        <Fact name={text.repositories}>{formatNumber(found.repository_count)}</Fact>
        <Fact name={text.tags}>{formatNumber(counts.looked)}</Fact>
        <Fact name={text.size}>{formatBytes(found.content_bytes)}</Fact>
        <Fact name={text.missing}>{formatBytes(found.missing_bytes)}</Fact>
        {counts.same > 0 && <Fact name={text.same}>{formatNumber(counts.same)}</Fact>}
        {counts.kept > 0 && <Fact name={text.kept}>{formatNumber(counts.kept)}</Fact>}
        {counts.failed > 0 && <Fact name={text.failed}>{formatNumber(counts.failed)}</Fact>}
        {found.repositories_failed > 0 && (
          <Fact name={text.unread}>{formatNumber(found.repositories_failed)}</Fact>
        )}
      </Facts>
      <Reasons title={text.excluded} lines={Object.entries(found.excluded).map(text.excludedSo)} />
      <Refusal error={failures.error} />
      <Reasons title={text.unreadable} lines={failures.data ?? []} />
    </>
  );
}

function statusOf({ state, counts }: Import): string {
  if (state === "running") return text.looking;
  return state === "done" && counts.looked === 0 ? text.nothing : text.ends[state];
}
