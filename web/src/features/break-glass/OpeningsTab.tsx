// SPDX-License-Identifier: Apache-2.0
import { Anchor, Badge, Box, Button, Group, Text, Textarea } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { answer, api } from "@/api";
import { useMay, useViewer } from "@/shell/session";
import {
  actionsColumn,
  type Column,
  Confirm,
  Dialog,
  DialogForm,
  Empty,
  EndlessTable,
  Moment,
  nameOf,
  Principal,
} from "@/ui";
import { words } from "@/words";
import { endOpening, type Opening, useOpenings, useRefresh } from "./queries";
import { What } from "./What";

const text = words.breakGlass.openings;
const COLORS = { open: "red", ended: "yellow", acknowledged: "gray" } as const;
const LINGERS_MS = 2_000;

const COLUMNS: Column<Opening>[] = [
  { id: "who", header: text.columns.who, cell: ({ row }) => <Who opening={row.original} /> },
  {
    id: "what",
    header: text.columns.what,
    meta: { isHiddenWhenNarrow: true },
    cell: ({ row }) => <What {...row.original} />,
  },
  {
    id: "since",
    header: text.columns.since,
    meta: { isHiddenWhenNarrow: true },
    cell: ({ row }) => <Moment at={row.original.opened_at} />,
  },
  {
    id: "until",
    header: text.columns.until,
    meta: { isHiddenWhenNarrow: true },
    cell: ({ row }) => <Moment at={row.original.ends_at} />,
  },
  {
    id: "state",
    header: text.columns.state,
    meta: { isHiddenWhenNarrow: true },
    cell: ({ row }) => <State opening={row.original} />,
  },
  actionsColumn((opening) => <Actions opening={opening} />),
];

/** Who broke the glass, why, and whether somebody has looked at it. */
export default function OpeningsTab() {
  return (
    <EndlessTable
      label={text.label}
      list={useOpenings()}
      columns={COLUMNS}
      keyOf={(opening) => opening.id}
      empty={<Empty title={text.none} text={text.noneHint} />}
    />
  );
}

function Who({ opening }: { opening: Opening }) {
  const { principal, reason } = opening;
  return (
    <>
      <Principal identity={principal} />
      <Box hiddenFrom="sm">
        <What {...opening} />
        <State opening={opening} />
      </Box>
      <Text size="xs" c="dimmed" style={{ overflowWrap: "anywhere" }}>
        {reason}
      </Text>
    </>
  );
}

function State({ opening: { state, acknowledged_by, comment } }: { opening: Opening }) {
  return (
    <>
      <Badge variant="light" color={COLORS[state]} tt="none" miw="max-content">
        {words.breakGlass.states[state]}
      </Badge>
      {acknowledged_by && (
        <Text size="xs" c="dimmed" style={{ overflowWrap: "anywhere" }}>
          {text.by(nameOf(acknowledged_by), comment)}
        </Text>
      )}
    </>
  );
}

function Actions({ opening }: { opening: Opening }) {
  const isAdministrator = useMay("administer");
  const isOwn = opening.principal === `user:${useViewer()?.name}`;
  const { principal, opened_at, ends_at, state } = opening;
  const until = new Date(Date.parse(ends_at) + LINGERS_MS).toISOString();
  return (
    <Group gap="xs" justify="flex-end">
      <Anchor
        size="sm"
        component={Link}
        to={"/audit" as "/"}
        search={{ principal, since: opened_at, until } as never}
        aria-label={text.doneOf(nameOf(principal))}
      >
        {text.done}
      </Anchor>
      {state === "open" && (isOwn || isAdministrator) && <End opening={opening} />}
      {state === "ended" && isAdministrator && !isOwn && <Acknowledge opening={opening} />}
    </Group>
  );
}

function End({ opening: { id, principal } }: { opening: Opening }) {
  const [isOpen, { open, close }] = useDisclosure();
  const refresh = useRefresh();
  const run = async () => {
    await endOpening(id);
    refresh();
  };
  return (
    <>
      <Button size="compact-sm" variant="subtle" onClick={open} aria-label={text.endOf(nameOf(principal))}>
        {text.end}
      </Button>
      <Confirm
        title={text.ending.title(nameOf(principal))}
        text={text.ending.text}
        act={text.ending.act}
        isOpen={isOpen}
        onClose={close}
        run={run}
      />
    </>
  );
}

function Acknowledge({ opening: { id, principal } }: { opening: Opening }) {
  const [isOpen, { open, close }] = useDisclosure();
  return (
    <>
      <Button
        size="compact-sm"
        variant="subtle"
        onClick={open}
        aria-label={text.acknowledgeOf(nameOf(principal))}
      >
        {text.acknowledge}
      </Button>
      <Dialog title={text.acknowledging.title(nameOf(principal))} isOpen={isOpen} onClose={close}>
        <AcknowledgeForm id={id} onEnd={close} />
      </Dialog>
    </>
  );
}

function AcknowledgeForm({ id, onEnd }: { id: string; onEnd: () => void }) {
  const [comment, setComment] = useState("");
  const refresh = useRefresh();
  const run = () =>
    answer(
      api.POST("/api/v1/break-glass/openings/{id}:acknowledge", {
        params: { path: { id } },
        body: { comment: comment.trim() },
      }),
    );
  const done = () => {
    refresh();
    onEnd();
  };
  return (
    <DialogForm
      act={text.acknowledging.act}
      isReady={comment.trim() !== ""}
      run={run}
      onDone={done}
      onCancel={onEnd}
    >
      <Text>{text.acknowledging.text}</Text>
      <Textarea
        label={text.acknowledging.comment}
        value={comment}
        onChange={(event) => setComment(event.currentTarget.value)}
        maxLength={500}
        autosize
        minRows={2}
        required
        data-autofocus
      />
    </DialogForm>
  );
}
