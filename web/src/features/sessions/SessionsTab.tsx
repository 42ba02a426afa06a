// SPDX-License-Identifier: Apache-2.0
import { Badge, Button, Group, Stack, Text } from "@mantine/core";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { answer, api, type components, pages } from "@/api";
import { useTakeSession } from "@/shell/session";
import { actionsColumn, type Column, Confirm, Empty, EndlessTable, Moment, Refusal } from "@/ui";
import { words } from "@/words";
import { browserOf } from "./agent";

type Item = components["schemas"]["SessionItem"];

const text = words.sessions.list;
const KEY = ["sessions"];

const columns: Column<Item>[] = [
  {
    id: "agent",
    header: text.agent,
    cell: ({ row: { original } }) => (
      <Group gap="xs">
        <span title={original.agent}>{browserOf(original.agent) || text.someBrowser}</span>
        {original.current && (
          <Badge variant="light" tt="none" miw="max-content">
            {text.current}
          </Badge>
        )}
        <Text size="xs" c="dimmed" hiddenFrom="sm">
          {original.address}
        </Text>
      </Group>
    ),
  },
  {
    id: "address",
    header: text.address,
    meta: { isHiddenWhenNarrow: true },
    cell: ({ row: { original } }) => original.address,
  },
  { id: "used", header: text.used, cell: ({ row: { original } }) => <Moment at={original.last_used_at} /> },
  {
    id: "started",
    header: text.started,
    meta: { isHiddenWhenNarrow: true },
    cell: ({ row: { original } }) => <Moment at={original.created_at} />,
  },
  actionsColumn((item) => <EndButton item={item} />),
];

/** Where the viewer is logged in, and ending it. */
export default function SessionsTab() {
  const [isAsking, setAsking] = useState(false);
  const take = useTakeSession();
  const navigate = useNavigate();
  const list = useInfiniteQuery(
    pages(KEY, (cursor, signal) => api.GET("/api/v1/sessions", { params: { query: { cursor } }, signal })),
  );
  const leave = async () => {
    await answer(api.DELETE("/api/v1/sessions"));
    take(null);
    await navigate({ to: "/login" });
  };
  return (
    <Stack>
      <Group justify="space-between">
        <Text c="dimmed">{text.about}</Text>
        <Button variant="default" color="red" onClick={() => setAsking(true)}>
          {text.everywhere}
        </Button>
      </Group>
      <EndlessTable
        label={text.label}
        list={list}
        columns={columns}
        keyOf={(item) => item.id}
        empty={<Empty title={text.none} />}
      />
      <Confirm
        title={text.everywhereTitle}
        text={text.everywhereText}
        act={text.everywhere}
        isOpen={isAsking}
        onClose={() => setAsking(false)}
        run={leave}
      />
    </Stack>
  );
}

function EndButton({ item }: { item: Item }) {
  const queries = useQueryClient();
  const ending = useMutation({
    mutationFn: () =>
      answer(api.DELETE("/api/v1/sessions/{session}", { params: { path: { session: item.id } } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: KEY }),
  });
  if (item.current) return null;
  return (
    <>
      <Button
        size="compact-sm"
        variant="subtle"
        color="red"
        loading={ending.isPending}
        onClick={() => ending.mutate()}
        aria-label={text.endOf(item.address)}
      >
        {text.end}
      </Button>
      <Refusal error={ending.error} />
    </>
  );
}
