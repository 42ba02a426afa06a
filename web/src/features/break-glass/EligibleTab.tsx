// SPDX-License-Identifier: Apache-2.0
import { ActionIcon, Box, Button, Group, NumberInput, Stack, Switch, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { answer, api } from "@/api";
import { useMay } from "@/shell/session";
import {
  actionsColumn,
  Choice,
  type Column,
  Confirm,
  Dialog,
  DialogForm,
  Empty,
  EndlessTable,
  identityOf,
  isSomebody,
  NOBODY,
  nameOf,
  On,
  Principal,
  PrincipalFields,
  RoleName,
  SYSTEM,
  sinceAndBy,
} from "@/ui";
import { counted, words } from "@/words";
import { type Eligibility, useEligibilities, useRefresh } from "./queries";
import { What } from "./What";

const text = words.breakGlass.eligible;
const KINDS = ["user", "group"] as const;
const DEFAULT_MINUTES = 60;
const MAX_MINUTES = 480;

const COLUMNS: Column<Eligibility>[] = [
  { id: "who", header: text.columns.who, cell: ({ row }) => <Who eligibility={row.original} /> },
  {
    id: "role",
    header: text.columns.role,
    meta: { isHiddenWhenNarrow: true },
    cell: ({ row }) => <RoleName role={row.original.role} />,
  },
  {
    id: "place",
    header: text.columns.place,
    meta: { isHiddenWhenNarrow: true },
    cell: ({ row }) => <On pattern={row.original.path_pattern} />,
  },
  {
    id: "longest",
    header: text.columns.longest,
    meta: { isHiddenWhenNarrow: true },
    cell: ({ row }) => counted(row.original.longest_minutes, words.breakGlass.minutes),
  },
  ...sinceAndBy(text.columns, (eligibility: Eligibility) => [eligibility.created_at, eligibility.created_by]),
];

const CHANGING_COLUMNS: Column<Eligibility>[] = [
  ...COLUMNS,
  actionsColumn((eligibility) => <Take eligibility={eligibility} />),
];

/** Who may take what in an emergency. */
export default function EligibleTab() {
  const isAdministrator = useMay("administer");
  const [isOpen, { open, close }] = useDisclosure();
  return (
    <Stack>
      {isAdministrator && (
        <Group justify="flex-end">
          <Button leftSection={<IconPlus size={16} />} onClick={open}>
            {text.give}
          </Button>
        </Group>
      )}
      <EndlessTable
        label={text.label}
        list={useEligibilities()}
        columns={isAdministrator ? CHANGING_COLUMNS : COLUMNS}
        keyOf={(eligibility) => eligibility.id}
        empty={<Empty title={text.none} text={text.noneHint} />}
      />
      <Dialog title={text.giving.title} isOpen={isOpen} onClose={close}>
        <GiveForm onEnd={close} />
      </Dialog>
    </Stack>
  );
}

function Who({ eligibility }: { eligibility: Eligibility }) {
  return (
    <>
      <Principal identity={eligibility.principal} />
      <Box hiddenFrom="sm">
        <What {...eligibility} />
      </Box>
    </>
  );
}

function GiveForm({ onEnd }: { onEnd: () => void }) {
  const [who, setWho] = useState(NOBODY);
  const [isSystem, setSystem] = useState(false);
  const [pattern, setPattern] = useState("");
  const [role, setRole] = useState<string>("admin");
  const [minutes, setMinutes] = useState<number | string>(DEFAULT_MINUTES);
  const refresh = useRefresh();
  const runTheRegistry = (wanted: boolean) => {
    setSystem(wanted);
    setRole(wanted ? "administrator" : "admin");
  };
  const run = () =>
    answer(
      api.POST("/api/v1/break-glass/eligibilities", {
        body: {
          principal: identityOf(who),
          path_pattern: isSystem ? SYSTEM : pattern.trim(),
          role,
          longest_minutes: Number(minutes),
        },
      }),
    );
  const done = () => {
    refresh();
    onEnd();
  };
  const isReady = isSomebody(who) && (isSystem || pattern.trim() !== "") && Number(minutes) >= 1;
  return (
    <DialogForm act={text.giving.act} isReady={isReady} run={run} onDone={done} onCancel={onEnd}>
      <PrincipalFields value={who} onChange={setWho} kinds={KINDS} />
      <Switch
        label={text.giving.system}
        description={text.giving.systemRule}
        checked={isSystem}
        onChange={(event) => runTheRegistry(event.currentTarget.checked)}
      />
      {!isSystem && (
        <TextInput
          label={text.giving.pattern}
          description={text.giving.patternRule}
          value={pattern}
          onChange={(event) => setPattern(event.currentTarget.value)}
          autoComplete="off"
          spellCheck={false}
          required
        />
      )}
      <Choice
        label={text.giving.role}
        options={isSystem ? words.roles.system : words.roles.builtIn}
        value={role}
        onChange={setRole}
      />
      <NumberInput
        label={text.giving.minutes}
        description={text.giving.minutesRule}
        value={minutes}
        onChange={setMinutes}
        min={1}
        max={MAX_MINUTES}
        allowDecimal={false}
      />
    </DialogForm>
  );
}

function Take({ eligibility: { id, principal } }: { eligibility: Eligibility }) {
  const [isOpen, { open, close }] = useDisclosure();
  const refresh = useRefresh();
  const name = nameOf(principal);
  const run = async () => {
    await answer(api.DELETE("/api/v1/break-glass/eligibilities/{id}", { params: { path: { id } } }));
    refresh();
  };
  return (
    <>
      <ActionIcon variant="subtle" color="gray" onClick={open} aria-label={text.take(name)}>
        <IconTrash size={16} />
      </ActionIcon>
      <Confirm
        title={text.taking.title(name)}
        text={text.taking.text}
        act={text.taking.act}
        isOpen={isOpen}
        onClose={close}
        run={run}
      />
    </>
  );
}
