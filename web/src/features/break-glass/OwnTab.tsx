// SPDX-License-Identifier: Apache-2.0
import { Alert, Box, Button, Group, NumberInput, Stack, Table, Text, Textarea } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconUrgent } from "@tabler/icons-react";
import { useState } from "react";
import { answer, api } from "@/api";
import { Confirm, Dialog, DialogForm, Empty, Failure, Loading, Moment, On, RoleName, SYSTEM } from "@/ui";
import { counted, words } from "@/words";
import { type Eligibility, endOpening, type Opening, useOwnGlass, useRefresh } from "./queries";
import { What } from "./What";

const text = words.breakGlass.own;
const MIN_REASON_CHARACTERS = 10;
const MAX_REASON_CHARACTERS = 500;

/** What the viewer may take in an emergency, and has taken. */
export default function OwnTab() {
  const own = useOwnGlass();
  if (own.isError) return <Failure error={own.error} retry={() => void own.refetch()} />;
  if (own.isPending) return <Loading />;
  const { eligibilities, opening } = own.data;
  return (
    <Stack>
      {opening && <OpenNow opening={opening} />}
      {eligibilities.length ? (
        <Eligible eligibilities={eligibilities} isOpen={opening !== null} />
      ) : (
        <Empty title={text.none} text={text.noneHint} />
      )}
    </Stack>
  );
}

function OpenNow({ opening: { id, role, path_pattern, ends_at, reason } }: { opening: Opening }) {
  const [isOpen, { open, close }] = useDisclosure();
  const refresh = useRefresh();
  const run = async () => {
    await endOpening(id);
    refresh();
  };
  return (
    <Alert color="red" icon={<IconUrgent size={18} />} title={text.now}>
      <Stack gap="xs" align="flex-start">
        <Text size="sm">
          {text.nowText(role, placeOf(path_pattern))} <Moment at={ends_at} />
        </Text>
        <Text size="sm" style={{ overflowWrap: "anywhere" }}>
          {reason}
        </Text>
        <Button variant="default" size="xs" onClick={open}>
          {text.end}
        </Button>
      </Stack>
      <Confirm {...text.ending} isHarmless isOpen={isOpen} onClose={close} run={run} />
    </Alert>
  );
}

function Eligible({ eligibilities, isOpen }: { eligibilities: Eligibility[]; isOpen: boolean }) {
  return (
    <Table aria-label={text.label}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{text.columns.role}</Table.Th>
          <Table.Th visibleFrom="sm">{text.columns.place}</Table.Th>
          <Table.Th visibleFrom="sm">{text.columns.longest}</Table.Th>
          <Table.Th>{words.ui.actions}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {eligibilities.map((each) => (
          <Table.Tr key={each.id}>
            <Table.Td>
              <Box visibleFrom="sm">
                <RoleName role={each.role} />
              </Box>
              <Box hiddenFrom="sm">
                <What {...each} />
              </Box>
            </Table.Td>
            <Table.Td visibleFrom="sm">
              <On pattern={each.path_pattern} />
            </Table.Td>
            <Table.Td visibleFrom="sm">{counted(each.longest_minutes, words.breakGlass.minutes)}</Table.Td>
            <Table.Td>
              <Open eligibility={each} isDisabled={isOpen} />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function Open({ eligibility, isDisabled }: { eligibility: Eligibility; isDisabled: boolean }) {
  const [isOpen, { open, close }] = useDisclosure();
  const { role, path_pattern } = eligibility;
  return (
    <>
      <Button
        size="xs"
        variant="default"
        onClick={open}
        disabled={isDisabled}
        aria-label={text.openOf(role, placeOf(path_pattern))}
      >
        {text.open}
      </Button>
      <Dialog title={text.opening.title(role)} isOpen={isOpen} onClose={close}>
        <OpenForm eligibility={eligibility} onEnd={close} />
      </Dialog>
    </>
  );
}

/** Asks why, and for how long. */
function OpenForm({ eligibility, onEnd }: { eligibility: Eligibility; onEnd: () => void }) {
  const longest = eligibility.longest_minutes;
  const [reason, setReason] = useState("");
  const [minutes, setMinutes] = useState<number | string>(longest);
  const refresh = useRefresh();
  const run = () =>
    answer(
      api.POST("/api/v1/break-glass/openings", {
        body: { eligibility: eligibility.id, reason: reason.trim(), minutes: Number(minutes) },
      }),
    );
  const done = () => {
    refresh();
    onEnd();
  };
  return (
    <DialogForm
      act={text.opening.act}
      isReady={reason.trim().length >= MIN_REASON_CHARACTERS && Number(minutes) >= 1}
      isDangerous
      run={run}
      onDone={done}
      onCancel={onEnd}
    >
      <Text>{text.opening.text}</Text>
      <Textarea
        label={text.opening.reason}
        description={text.opening.reasonRule}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
        maxLength={MAX_REASON_CHARACTERS}
        autosize
        minRows={2}
        required
        data-autofocus
      />
      <Group>
        <NumberInput
          label={text.opening.minutes}
          description={text.opening.minutesRule(counted(longest, words.breakGlass.minutes))}
          value={minutes}
          onChange={setMinutes}
          min={1}
          max={longest}
          allowDecimal={false}
        />
      </Group>
    </DialogForm>
  );
}

function placeOf(pattern: string): string {
  return pattern === SYSTEM ? words.grants.registryInText : pattern;
}
