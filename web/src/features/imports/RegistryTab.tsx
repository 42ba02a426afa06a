// SPDX-License-Identifier: Apache-2.0
import { Anchor, Badge, Button, Group, Stack, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import {
  actionsColumn,
  type Column,
  Empty,
  EndlessTable,
  formatBytes,
  formatNumber,
  Moment,
  Principal,
  tellRefused,
} from "@/ui";
import { imports as text } from "@/words/imports";
import { type Act, change, type Import, useImports, useRenewal } from "./queries";
import { StartImport } from "./StartImport";
import { WhatFailed } from "./WhatFailed";

const NARROW = { isHiddenWhenNarrow: true };
const COLOURS = {
  running: "blue",
  paused: "yellow",
  done: "green",
  failed: "red",
  cancelled: "gray",
} as const;

const columns: Column<Import>[] = [
  { id: "what", header: text.columns.what, cell: ({ row }) => <What found={row.original} /> },
  { id: "state", header: text.columns.state, cell: ({ row }) => <State found={row.original} /> },
  {
    id: "by",
    header: text.columns.by,
    cell: ({ row }) => (
      <>
        <Principal identity={row.original.requested_by} />
        <Text size="sm" c="dimmed" component="div">
          <Moment at={row.original.requested_at} />
        </Text>
      </>
    ),
    meta: NARROW,
  },
  actionsColumn<Import>((found) => <Acts found={found} />),
];

/** The imports of everybody, and how far each is. */
export default function RegistryTab() {
  const list = useImports();
  return (
    <Stack>
      <Text c="dimmed">{text.about}</Text>
      <StartImport />
      <EndlessTable
        label={text.list}
        list={list}
        columns={columns}
        keyOf={(found) => found.id}
        empty={<Empty title={text.none} text={text.noneHint} />}
      />
    </Stack>
  );
}

function What({ found }: { found: Import }) {
  const named = [...found.patterns, ...found.repositories].slice(0, 3).join(", ");
  return (
    <div style={{ overflowWrap: "anywhere" }}>
      {named} {text.from} {found.url} {text.into} {found.project}
    </div>
  );
}

function State({ found }: { found: Import }) {
  const { counts } = found;
  const isDry = found.work === "look";
  const hasFailures = counts.failed + found.repositories_failed > 0;
  const color = found.state === "done" && hasFailures ? "orange" : COLOURS[found.state];
  const done = counts.brought + counts.same + counts.kept + counts.looked;
  return (
    <Stack gap={2}>
      <Badge variant="light" color={color} tt="none" miw="max-content">
        {isDry ? text.dryStates[found.state] : text.states[found.state]}
      </Badge>
      <Text size="sm" c="dimmed" component="div">
        {text.progress(
          formatNumber(done),
          formatNumber(done + counts.waiting + counts.failed),
          formatNumber(counts.failed),
        )}
        {" · "}
        {isDry ? text.missing(formatBytes(found.missing_bytes)) : text.fetched(formatBytes(counts.new_bytes))}
      </Text>
      {found.repositories_failed > 0 && (
        <Text size="sm" component="div">
          {text.unread(formatNumber(found.repositories_failed))}
        </Text>
      )}
      {found.reason && (
        <Text size="sm" component="div" style={{ overflowWrap: "anywhere" }}>
          {found.reason}
        </Text>
      )}
    </Stack>
  );
}

function actsOf({ state, work, counts, repositories_failed }: Import): Act[] {
  if (state === "running") return ["pause", "cancel"];
  if (state === "paused") return ["resume", "cancel"];
  if (work === "look") return counts.looked > 0 ? ["run"] : [];
  return counts.failed + repositories_failed > 0 || state !== "done" ? ["resume", "check"] : ["check"];
}

function Acts({ found }: { found: Import }) {
  return (
    <Group gap="xs" justify="flex-end">
      {actsOf(found).map((act) => (
        <ActButton key={act} act={act} found={found} />
      ))}
      <WhatFailed found={found} />
      <Anchor href={`/api/v1/imports/${found.id}/report?format=csv`} size="sm" download>
        {text.report}
      </Anchor>
    </Group>
  );
}

function ActButton({ act, found }: { act: Act; found: Import }) {
  const renew = useRenewal();
  const label = act === "resume" && found.state !== "paused" ? text.again : text.acts[act];
  const acting = useMutation({
    mutationFn: () => change(act, found),
    onSuccess: renew,
    onError: (error: unknown) => tellRefused(error, label),
  });
  return (
    <Button size="compact-sm" variant="default" loading={acting.isPending} onClick={() => acting.mutate()}>
      {label}
    </Button>
  );
}
