// SPDX-License-Identifier: Apache-2.0
import { Alert, Button, Code, Group, Stack, Text, Title } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { Dialog, Fact, Facts, Failure, Loading, Moment, Refusal } from "@/ui";
import { webhooks as text } from "@/words/webhooks";
import { StateBadge } from "./DeliveryLog";
import { type Delivery, redeliver, useDelivery, useRefresh } from "./queries";

type Attempt = Delivery["log"][number];

/** A delivery with what was sent and what was answered; open while one is named. */
export function DeliveryDialog({
  webhook,
  delivery,
  onClose,
}: {
  webhook: string;
  delivery: string;
  onClose: () => void;
}) {
  return (
    <Dialog title={text.delivery} isOpen={delivery !== ""} onClose={onClose} size="xl">
      {delivery && <Details webhook={webhook} delivery={delivery} />}
    </Dialog>
  );
}

function Details({ webhook, delivery }: { webhook: string; delivery: string }) {
  const { data, error, isPending, refetch } = useDelivery(webhook, delivery);
  const refresh = useRefresh();
  const again = useMutation({ mutationFn: () => redeliver(webhook, delivery), onSuccess: refresh });
  if (isPending) return <Loading />;
  if (!data) return <Failure error={error} retry={() => void refetch()} />;
  return (
    <Stack>
      <Exchange delivery={data} />
      <Refusal error={again.error} />
      <Group justify="flex-end">
        <Button onClick={() => again.mutate()} loading={again.isPending}>
          {text.redeliver}
        </Button>
      </Group>
    </Stack>
  );
}

/** How a delivery stands, and every attempt at it, the newest first. */
export function Exchange({ delivery }: { delivery: Delivery }) {
  return (
    <Stack>
      <Facts>
        <Fact name={text.happened}>{delivery.type}</Fact>
        <Fact name={text.subject}>{delivery.subject}</Fact>
        <Fact name={text.state}>
          <StateBadge state={delivery.state} />
        </Fact>
        <Fact name={text.when}>
          <Moment at={delivery.occurred_at} />
        </Fact>
        {delivery.due_at && (
          <Fact name={text.next}>
            <Moment at={delivery.due_at} />
          </Fact>
        )}
        <Fact name={text.id} isWide>
          {delivery.id}
        </Fact>
      </Facts>
      {delivery.reason && <Alert color="red">{delivery.reason}</Alert>}
      {delivery.log.map((attempt) => (
        <Tried key={attempt.number} attempt={attempt} />
      ))}
    </Stack>
  );
}

function Tried({ attempt }: { attempt: Attempt }) {
  return (
    <Stack gap="xs">
      <Group gap="sm">
        <Title order={3} size="h5">
          {text.attempt(attempt.number)}
        </Title>
        <Text size="sm" c="dimmed">
          <Moment at={attempt.at} />
        </Text>
        <Text size="sm">{text.took(attempt.duration_ms)}</Text>
      </Group>
      <Text size="sm">{attempt.status ? text.answered(attempt.status) : attempt.error}</Text>
      {attempt.request_body && (
        <>
          <Text size="sm" fw={600}>
            {text.request}
          </Text>
          <Lines value={headersOf(attempt.request_headers)} label={text.requestHeaders} />
          <Lines value={indented(attempt.request_body)} label={text.request} />
        </>
      )}
      {attempt.response_body && (
        <>
          <Text size="sm" fw={600}>
            {text.response}
          </Text>
          <Lines value={attempt.response_body} label={text.response} />
        </>
      )}
    </Stack>
  );
}

function Lines({ value, label }: { value: string; label: string }) {
  return (
    <Code block tabIndex={0} role="region" aria-label={label} mah={320} style={{ overflow: "auto" }}>
      {value}
    </Code>
  );
}

function headersOf(headers: Record<string, string>): string {
  return Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}`)
    .join("\n");
}

/** JSON as people read it; anything else as it is. */
function indented(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}
