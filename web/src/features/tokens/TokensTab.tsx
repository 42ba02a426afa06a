// SPDX-License-Identifier: Apache-2.0
import { Badge, Button, Group, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { answer, api, type components, pages } from "@/api";
import {
  actionsColumn,
  ChangeAddresses,
  type Column,
  Confirm,
  Copyable,
  Empty,
  EndlessTable,
  Moment,
} from "@/ui";
import { words } from "@/words";
import { CreateToken } from "./CreateToken";

export type Token = components["schemas"]["TokenItem"];

const text = words.tokens;
const KEY = ["tokens"];
const COLOURS = { live: "teal", expired: "gray", revoked: "gray" } as const;

const columns: Column<Token>[] = [
  {
    id: "name",
    header: text.name,
    cell: ({ row: { original } }) => <Copyable value={original.name} what={original.name} />,
  },
  {
    id: "state",
    header: text.state,
    cell: ({ row: { original } }) => <State token={original} />,
  },
  {
    id: "expires",
    header: text.expires,
    meta: { isHiddenWhenNarrow: true },
    cell: ({ row: { original } }) => <Moment at={original.expires_at} />,
  },
  {
    id: "used",
    header: text.used,
    meta: { isHiddenWhenNarrow: true },
    cell: ({ row: { original } }) => <LastUse token={original} />,
  },
  {
    id: "created",
    header: text.created,
    meta: { isHiddenWhenNarrow: true },
    cell: ({ row: { original } }) => <Moment at={original.created_at} />,
  },
  actionsColumn((token) => <Actions token={token} />),
];

/** Whether a token can be used; on a phone until when, too. */
function State({ token: { state, expires_at } }: { token: Token }) {
  return (
    <>
      <Badge variant="light" color={COLOURS[state]} tt="none" miw="max-content">
        {text.states[state]}
      </Badge>
      <Text size="xs" c="dimmed" hiddenFrom="sm">
        {text.expires} <Moment at={expires_at} />
      </Text>
    </>
  );
}

function LastUse({ token }: { token: Token }) {
  if (!token.last_used_at) return text.never;
  return (
    <Text inherit span>
      <Moment at={token.last_used_at} /> {text.from(token.last_used_from ?? "")}
    </Text>
  );
}

/** The viewer's personal tokens. */
export default function TokensTab({ subject }: { subject: { name: string } }) {
  const [isCreating, setCreating] = useState(false);
  const list = useInfiniteQuery(
    pages(KEY, (cursor, signal) => api.GET("/api/v1/tokens", { params: { query: { cursor } }, signal })),
  );
  const create = <Button onClick={() => setCreating(true)}>{text.create}</Button>;
  const isEmpty = list.data?.pages[0]?.items.length === 0;
  return (
    <Stack>
      <Group justify="space-between">
        <Text c="dimmed" maw={720}>
          {text.about}
        </Text>
        {!isEmpty && create}
      </Group>
      <EndlessTable
        label={text.label}
        list={list}
        columns={columns}
        keyOf={(token) => token.id}
        empty={<Empty title={text.none} text={text.noneHint} action={create} />}
      />
      <CreateToken user={subject.name} isOpen={isCreating} onClose={() => setCreating(false)} />
    </Stack>
  );
}

function Actions({ token }: { token: Token }) {
  if (token.state !== "live") return null;
  return (
    <Group gap="xs" justify="flex-end">
      <AddressesButton token={token} />
      <RevokeButton token={token} />
    </Group>
  );
}

function AddressesButton({ token: { id, name, allowed_addresses } }: { token: Token }) {
  const [isOpen, { open, close }] = useDisclosure();
  const queries = useQueryClient();
  const params = { path: { token: id } };
  return (
    <>
      <Button size="compact-sm" variant="subtle" aria-label={text.addressesOf(name)} onClick={open}>
        {text.addresses}
      </Button>
      <ChangeAddresses
        title={text.addressesTitle(name)}
        allowed={allowed_addresses}
        isOpen={isOpen}
        onClose={close}
        run={(addresses) =>
          answer(api.PATCH("/api/v1/tokens/{token}", { params, body: { allowed_addresses: addresses } }))
        }
        onDone={() => void queries.invalidateQueries({ queryKey: KEY })}
      />
    </>
  );
}

function RevokeButton({ token }: { token: Token }) {
  const [isAsking, setAsking] = useState(false);
  const queries = useQueryClient();
  const revoke = async () => {
    await answer(api.DELETE("/api/v1/tokens/{token}", { params: { path: { token: token.id } } }));
    await queries.invalidateQueries({ queryKey: KEY });
  };
  return (
    <>
      <Button
        size="compact-sm"
        variant="subtle"
        color="red"
        aria-label={text.revokeOf(token.name)}
        onClick={() => setAsking(true)}
      >
        {text.revoke}
      </Button>
      <Confirm
        title={text.revokeTitle(token.name)}
        text={text.revokeText}
        act={text.revoke}
        isOpen={isAsking}
        onClose={() => setAsking(false)}
        run={revoke}
      />
    </>
  );
}
