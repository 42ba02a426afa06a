// SPDX-License-Identifier: Apache-2.0
import { Badge, UnstyledButton } from "@mantine/core";
import { IconInfoCircle } from "@tabler/icons-react";
import { useMemo } from "react";
import { useMay } from "@/shell/session";
import {
  actionsColumn,
  Bytes,
  type Column,
  Empty,
  EndlessTable,
  formatNumber,
  MenuAct,
  MenuRemoval,
  Moment,
  RowMenu,
  useInAddress,
} from "@/ui";
import { backup as text } from "@/words/backup";
import { BackupDetails } from "./BackupDetails";
import { Drill } from "./Drill";
import { type Backup, useBackups } from "./queries";
import { RemoveBackup } from "./RemoveBackup";

const COLORS = { running: "blue", kept: "teal", ended: "gray", failed: "red" };
const NARROW = { isHiddenWhenNarrow: true };

function columns(
  show: (name: string) => void,
  remove: ((name: string) => void) | undefined,
): Column<Backup>[] {
  return [
    {
      id: "name",
      header: text.name,
      cell: ({ row: { original } }) => (
        <UnstyledButton c="var(--mantine-color-anchor)" fz="sm" onClick={() => show(original.name)}>
          {original.name}
        </UnstyledButton>
      ),
    },
    { id: "state", header: text.state, cell: ({ row }) => <State backup={row.original} /> },
    {
      id: "taken",
      header: text.taken,
      cell: ({ row }) => <Moment at={row.original.taken_at} />,
      meta: NARROW,
    },
    {
      id: "expires",
      header: text.expires,
      cell: ({ row: { original } }) => original.state === "kept" && <Moment at={original.expires_at} />,
      meta: NARROW,
    },
    {
      id: "size",
      header: text.size,
      cell: ({ row }) => <Bytes value={row.original.file_bytes} />,
      meta: { isNumber: true, ...NARROW },
    },
    {
      id: "objects",
      header: text.objects,
      cell: ({ row }) => formatNumber(row.original.objects),
      meta: { isNumber: true, ...NARROW },
    },
    { id: "bytes", header: text.bytes, cell: ({ row }) => copied(row.original), meta: NARROW },
    {
      id: "drill",
      header: text.drill,
      cell: ({ row }) => <Drill drill={row.original.drill} />,
      meta: NARROW,
    },
    actionsColumn((backup) => (
      <RowMenu label={text.actions(backup.name)}>
        {() => (
          <>
            <MenuAct icon={IconInfoCircle} onClick={() => show(backup.name)}>
              {text.details.show}
            </MenuAct>
            {remove && isThere(backup) && (
              <MenuRemoval onClick={() => remove(backup.name)}>{text.remove.open}</MenuRemoval>
            )}
          </>
        )}
      </RowMenu>
    )),
  ];
}

export function BackupList({ isRunning }: { isRunning: boolean }) {
  const [shown, show] = useInAddress("backup");
  const [leaving, remove] = useInAddress("remove");
  const mayAct = useMay("operate");
  const list = useBackups(isRunning);
  const all = useMemo(() => columns(show, mayAct ? remove : undefined), [show, remove, mayAct]);
  return (
    <>
      <EndlessTable
        label={text.label}
        list={list}
        columns={all}
        keyOf={(backup) => backup.name}
        empty={<Empty title={text.none} text={text.noneHint} />}
      />
      <BackupDetails name={shown} onClose={() => show("")} />
      {mayAct && <RemoveBackup name={leaving} onClose={() => remove("")} />}
    </>
  );
}

export function State({ backup: { state } }: { backup: Backup }) {
  return (
    <Badge variant="dot" color={COLORS[state]} tt="none" miw="max-content">
      {text.states[state]}
    </Badge>
  );
}

function isThere({ state }: Backup): boolean {
  return state === "kept" || state === "running";
}

export function copied({ blobs_folder: folder, blobs_lost: lost, state }: Backup): string {
  if (state === "failed" || state === "running") return "";
  if (!folder) return text.notCopied;
  return lost ? text.lost(formatNumber(lost)) : text.copied;
}
