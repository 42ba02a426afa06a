// SPDX-License-Identifier: Apache-2.0
import { Anchor, Badge, Button, Group, NativeSelect, Stack, Title } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useMemo } from "react";
import { type Column, Confirm, Empty, EndlessTable, Moment, useInAddress } from "@/ui";
import { webhooks as text } from "@/words/webhooks";
import { DeliveryDialog } from "./DeliveryDialog";
import { type Listed, redeliverFailed, STATES, type State, useDeliveries, useRefresh } from "./queries";

const COLORS: Record<State, string> = {
  waiting: "gray",
  due: "blue",
  delivered: "teal",
  failed: "red",
  dropped: "orange",
};
const A_DAY_MS = 24 * 60 * 60 * 1000;

/** What a webhook delivered and has yet to deliver, the newest first. */
export function DeliveryLog({ webhook }: { webhook: string }) {
  const [given, setState] = useInAddress("state");
  const [chosen, choose] = useInAddress("delivery");
  const state = STATES.find((each) => each === given);
  const list = useDeliveries(webhook, state);
  const columns = useMemo(() => columnsWith(choose), [choose]);
  return (
    <Stack gap="sm">
      <Group justify="space-between" align="flex-end">
        <Title order={3} size="h4">
          {text.log}
        </Title>
        <Group gap="sm" align="flex-end">
          <NativeSelect
            aria-label={text.state}
            value={given}
            onChange={(event) => setState(event.currentTarget.value)}
            data={[
              { value: "", label: text.everyState },
              ...STATES.map((value) => ({ value, label: text.states[value] })),
            ]}
          />
          <Again webhook={webhook} />
        </Group>
      </Group>
      <EndlessTable
        label={text.log}
        list={list}
        columns={columns}
        keyOf={(each) => each.id}
        empty={<Empty title={text.nothingSent} text={text.nothingSentHint} />}
      />
      <DeliveryDialog webhook={webhook} delivery={chosen} onClose={() => choose("")} />
    </Stack>
  );
}

/** Has everything sent again that was given up within a day. */
function Again({ webhook }: { webhook: string }) {
  const [isOpen, opened] = useDisclosure();
  const refresh = useRefresh();
  return (
    <>
      <Button variant="default" onClick={opened.open}>
        {text.redeliverFailed}
      </Button>
      <Confirm
        title={text.redeliverFailed}
        text={text.redeliverFailedHint}
        act={text.redeliver}
        isHarmless
        isOpen={isOpen}
        onClose={opened.close}
        run={async () => {
          await redeliverFailed(webhook, new Date(Date.now() - 7 * A_DAY_MS).toISOString());
          refresh();
        }}
      />
    </>
  );
}

export function StateBadge({ state }: { state: State }) {
  return (
    <Badge variant="dot" color={COLORS[state]} tt="none" miw="max-content">
      {text.states[state]}
    </Badge>
  );
}

function columnsWith(choose: (id: string) => void): Column<Listed>[] {
  return [
    {
      id: "type",
      header: text.happened,
      cell: ({ row: { original } }) => (
        <Anchor component="button" type="button" onClick={() => choose(original.id)}>
          {original.type}
        </Anchor>
      ),
    },
    {
      id: "subject",
      header: text.subject,
      cell: ({ row: { original } }) => original.subject,
      meta: { isHiddenWhenNarrow: true },
    },
    {
      id: "state",
      header: text.state,
      cell: ({ row: { original } }) => <StateBadge state={original.state} />,
    },
    {
      id: "status",
      header: text.status,
      cell: ({ row: { original } }) => original.status ?? "",
      meta: { isNumber: true, isHiddenWhenNarrow: true },
    },
    {
      id: "attempts",
      header: text.attempts,
      cell: ({ row: { original } }) => original.attempts,
      meta: { isNumber: true, isHiddenWhenNarrow: true },
    },
    {
      id: "when",
      header: text.when,
      cell: ({ row: { original } }) => <Moment at={original.occurred_at} />,
    },
  ];
}
