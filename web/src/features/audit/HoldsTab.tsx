// SPDX-License-Identifier: Apache-2.0
import { Badge, Button, Group, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconEraser, IconLockPlus } from "@tabler/icons-react";
import { useMay } from "@/shell/session";
import {
  actionsColumn,
  type Column,
  Confirm,
  Dialog,
  Empty,
  EndlessTable,
  formatMoment,
  Moment,
  Principal,
} from "@/ui";
import { audit } from "@/words/audit";
import classes from "./audit.module.css";
import { EraseName } from "./EraseName";
import { PlaceHold } from "./PlaceHold";
import { type Hold, releaseHold, useHolds, useRefresh } from "./queries";

const text = audit.holds;
const columns = text.columns;

const COLUMNS: Column<Hold>[] = [
  {
    id: "reason",
    header: columns.reason,
    cell: ({ row }) => <div className={classes.reason}>{row.original.reason}</div>,
  },
  { id: "span", header: columns.span, cell: ({ row }) => <Span hold={row.original} /> },
  {
    id: "placed",
    header: columns.placed,
    cell: ({ row: { original } }) => <Act at={original.placed_at} who={original.placed_by} />,
    meta: { isHiddenWhenNarrow: true },
  },
  { id: "state", header: columns.state, cell: ({ row }) => <State hold={row.original} /> },
];

const CHANGING_COLUMNS: Column<Hold>[] = [
  ...COLUMNS,
  actionsColumn((hold) => !hold.released_at && <Release hold={hold} />),
];

export default function HoldsTab() {
  const list = useHolds();
  const mayAct = useMay("administer");
  const [isPlacing, placing] = useDisclosure();
  const [isErasing, erasing] = useDisclosure();
  const isHeld = list.data?.pages.some(({ items }) => items.some((hold) => !hold.released_at)) ?? false;
  return (
    <Stack>
      <Text size="sm" c="dimmed" maw={720}>
        {text.about}
      </Text>
      {mayAct && (
        <Group gap="xs">
          <Button leftSection={<IconLockPlus size={16} />} onClick={placing.open}>
            {text.place}
          </Button>
          <Button variant="light" color="red" leftSection={<IconEraser size={16} />} onClick={erasing.open}>
            {audit.erasing.open}
          </Button>
        </Group>
      )}
      <EndlessTable
        label={text.label}
        list={list}
        columns={mayAct ? CHANGING_COLUMNS : COLUMNS}
        keyOf={(hold) => hold.id}
        empty={<Empty title={text.none} text={text.noneHint} />}
      />
      <Dialog title={text.placing.title} isOpen={isPlacing} onClose={placing.close}>
        <PlaceHold onEnd={placing.close} />
      </Dialog>
      <Dialog title={audit.erasing.title} isOpen={isErasing} onClose={erasing.close}>
        <EraseName isHeld={isHeld} onEnd={erasing.close} />
      </Dialog>
    </Stack>
  );
}

function Span({ hold: { begins_at, ends_at } }: { hold: Hold }) {
  const begin = formatMoment(new Date(begins_at));
  return <>{ends_at ? text.fromTo(begin, formatMoment(new Date(ends_at))) : text.from(begin)}</>;
}

function State({ hold: { released_at, released_by } }: { hold: Hold }) {
  return (
    <Stack gap={2} align="flex-start">
      <Badge variant="dot" color={released_at ? "gray" : "orange"} tt="none" miw="max-content">
        {released_at ? text.released : text.inForce}
      </Badge>
      {released_at && (
        <Text size="xs" c="dimmed" component="div">
          <Act at={released_at} who={released_by ?? ""} />
        </Text>
      )}
    </Stack>
  );
}

/** When somebody did something. */
function Act({ at, who }: { at: string; who: string }) {
  return (
    <span className={classes.whole}>
      <Moment at={at} /> {who && text.by} {who && <Principal identity={who} />}
    </span>
  );
}

function Release({ hold: { id, reason } }: { hold: Hold }) {
  const [isOpen, { open, close }] = useDisclosure();
  const refresh = useRefresh();
  const release = async () => {
    await releaseHold(id);
    refresh();
  };
  return (
    <>
      <Button size="compact-sm" variant="default" onClick={open} aria-label={text.releaseOf(reason)}>
        {text.release}
      </Button>
      <Confirm
        title={text.releasing.title}
        text={text.releasing.text(reason)}
        act={text.releasing.act}
        isOpen={isOpen}
        onClose={close}
        run={release}
      />
    </>
  );
}
