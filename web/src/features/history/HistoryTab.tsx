// SPDX-License-Identifier: Apache-2.0
import { Badge, Button, Group, Stack, Text, Timeline } from "@mantine/core";
import { IconArrowRight, IconTag, IconTrash } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Problem } from "@/api";
import type { ArtifactSubject } from "@/shell/feature";
import { Confirm, Empty, Failure, formatMoment, Loading, Moment, Principal, shortDigest } from "@/ui";
import { words } from "@/words";
import { Pointed } from "./Pointed";
import { type Change, restore, useHistory } from "./queries";

const texts = words.history;

/** What the tag pointed at, when, and who moved it. */
export default function HistoryTab({ subject }: { subject: ArtifactSubject }) {
  const { repository, tag = "" } = subject;
  const history = useHistory(repository, tag);
  const queries = useQueryClient();
  const [chosen, choose] = useState<Change>();
  if (history.isPending) return <Loading />;
  if (history.error instanceof Problem && history.error.status === 404)
    return <Empty title={texts.none(tag)} text={texts.noneHint} />;
  if (!history.data) return <Failure error={history.error} retry={() => void history.refetch()} />;
  const changes = history.data.pages.flatMap((page) => page.items);
  const current = changes[0]?.digest ?? null;
  return (
    <Stack>
      <Timeline aria-label={texts.list(tag)} bulletSize={28} lineWidth={2} active={0}>
        {changes.map((change) => (
          <Timeline.Item
            key={`${change.version.epoch} ${change.version.hlc} ${change.version.region}`}
            bullet={<Bullet change={change} />}
          >
            <ChangeOf
              repository={repository}
              change={change}
              isCurrent={change === changes[0]}
              onRestore={subject.may.includes("push") ? choose : undefined}
            />
          </Timeline.Item>
        ))}
      </Timeline>
      {history.hasNextPage && (
        <Group>
          <Button
            variant="default"
            loading={history.isFetchingNextPage}
            onClick={() => void history.fetchNextPage()}
          >
            {texts.more}
          </Button>
        </Group>
      )}
      <Confirm
        title={texts.restoreTitle(tag)}
        text={chosen && <Consequences tag={tag} change={chosen} current={current} />}
        act={texts.restoreAct}
        isHarmless
        isOpen={chosen !== undefined}
        onClose={() => choose(undefined)}
        run={async () => {
          if (!chosen?.digest) return;
          await restore(repository, tag, chosen.digest);
          await queries.invalidateQueries({ queryKey: ["repository", repository] });
        }}
      />
    </Stack>
  );
}

function Bullet({ change }: { change: Change }) {
  if (change.digest === null) return <IconTrash size={16} aria-hidden />;
  return change.previous === null ? (
    <IconTag size={16} aria-hidden />
  ) : (
    <IconArrowRight size={16} aria-hidden />
  );
}

interface Shown {
  repository: string;
  change: Change;
  isCurrent: boolean;
  /** Undefined for whoever may not restore. */
  onRestore: ((change: Change) => void) | undefined;
}

function ChangeOf({ repository, change, isCurrent, onRestore }: Shown) {
  const { digest, previous } = change;
  const what = digest === null ? texts.deleted : previous === null ? texts.created : texts.moved;
  const cause = texts.causes[change.cause];
  return (
    <Stack gap={4}>
      <Group gap={8}>
        <Text span fw={600}>
          {what}
        </Text>
        {digest !== null && <Pointed repository={repository} digest={digest} />}
        {previous !== null && (
          <>
            <Text span c="dimmed">
              {texts.from}
            </Text>
            <Pointed repository={repository} digest={previous} />
          </>
        )}
        {isCurrent && digest !== null && (
          <Badge variant="default" tt="none">
            {texts.now}
          </Badge>
        )}
      </Group>
      <Text size="sm" c="dimmed" component="div">
        <Moment at={change.changed_at} /> {texts.by} <Principal identity={change.changed_by} /> {cause}
      </Text>
      {change.restorable_until && (
        <Text size="sm" component="div">
          {texts.restorableUntil(formatMoment(new Date(change.restorable_until)))}
        </Text>
      )}
      {onRestore && change.restorable && (
        <Group>
          <Button size="compact-sm" variant="default" onClick={() => onRestore(change)}>
            {texts.restore}
          </Button>
        </Group>
      )}
    </Stack>
  );
}

interface Restoring {
  tag: string;
  change: Change;
  current: string | null;
}

function Consequences({ tag, change, current }: Restoring) {
  return (
    <Stack gap="xs">
      <Text inherit>{texts.restoreText(tag, shortDigest(change.digest ?? ""))}</Text>
      {change.restorable_until && <Text inherit>{texts.restoreDeleted}</Text>}
      {current && <Text inherit>{texts.restoreFrom(shortDigest(current))}</Text>}
      <Text inherit>{texts.restoreUndo}</Text>
    </Stack>
  );
}
