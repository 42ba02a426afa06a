// SPDX-License-Identifier: Apache-2.0
import { Alert, Button, Card, Group, NativeSelect, Stack, Text, Title } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useState } from "react";
import {
  Confirm,
  Dialog,
  DialogForm,
  Fact,
  Facts,
  Failure,
  Loading,
  Moment,
  Principal,
  Secret,
  SecretDialog,
} from "@/ui";
import { webhooks as text } from "@/words/webhooks";
import { Exchange } from "./DeliveryDialog";
import { DeliveryLog } from "./DeliveryLog";
import {
  change,
  type Delivery,
  type NewWebhook,
  pause,
  remove,
  resume,
  rotate,
  test,
  useRefresh,
  useWebhook,
  type Webhook,
} from "./queries";
import { WebhookForm } from "./WebhookForm";
import { Standing } from "./WebhooksView";

const OVERLAPS = ["0", "60", "1440", "10080"] as const;

/** A webhook, what can be done with it, and what it delivered. */
export function WebhookPanel({ id, onBack }: { id: string; onBack: () => void }) {
  const { data, error, isPending, refetch } = useWebhook(id);
  if (isPending) return <Loading />;
  if (!data) return <Failure error={error} retry={() => void refetch()} />;
  return (
    <Stack>
      <Group justify="space-between">
        <Group gap="sm">
          <Button variant="subtle" onClick={onBack}>
            {text.back}
          </Button>
          <Title order={2} size="h3">
            {data.name}
          </Title>
          <Standing webhook={data} />
        </Group>
        <Actions webhook={data} onBack={onBack} />
      </Group>
      <Trouble webhook={data} />
      <Terms webhook={data} />
      <DeliveryLog webhook={id} />
    </Stack>
  );
}

/** That it sends nothing, or that nothing arrives, and why. */
function Trouble({ webhook }: { webhook: Webhook }) {
  if (webhook.is_paused) {
    const by = text.pausedBy[webhook.paused_by || "person"];
    return (
      <Alert color="yellow" title={by}>
        {webhook.pause_reason} {text.pausedHint}
      </Alert>
    );
  }
  if (!webhook.failing_since) return null;
  return (
    <Alert color="red" title={text.failing}>
      {webhook.last_error} {text.failingHint}
    </Alert>
  );
}

function Terms({ webhook }: { webhook: Webhook }) {
  return (
    <Card withBorder padding="md">
      <Facts>
        <Fact name={text.address} isWide>
          {webhook.url}
        </Fact>
        <Fact name={text.format}>{text.formats[webhook.format].label}</Fact>
        <Fact name={text.events}>{webhook.events.join(", ") || text.everything}</Fact>
        <Fact name={text.paths}>{webhook.paths.join(", ") || text.everywhere}</Fact>
        {webhook.header_names.length > 0 && (
          <Fact name={text.headers}>{webhook.header_names.join(", ")}</Fact>
        )}
        <Fact name={text.owner}>
          <Principal identity={webhook.owner} />
        </Fact>
        <Fact name={text.delivered}>
          {webhook.delivered_at ? <Moment at={webhook.delivered_at} /> : text.never}
        </Fact>
        {webhook.secrets.map((each) => (
          <Fact key={each.id} name={each.ends_at ? text.oldSecret : text.secretMade}>
            {each.ends_at ? <Moment at={each.ends_at} /> : <Moment at={each.created_at} />}
          </Fact>
        ))}
      </Facts>
    </Card>
  );
}

function Actions({ webhook, onBack }: { webhook: Webhook; onBack: () => void }) {
  const refresh = useRefresh();
  const [isChanging, changing] = useDisclosure();
  const [isRemoving, removing] = useDisclosure();
  const [isRotating, rotating] = useDisclosure();
  const [isPausing, pausing] = useDisclosure();
  const run = (act: () => Promise<unknown>) => async () => {
    await act();
    refresh();
  };
  return (
    <Group gap="sm">
      <Try webhook={webhook} />
      <Button variant="default" onClick={changing.open}>
        {text.change}
      </Button>
      <Button variant="default" onClick={pausing.open}>
        {webhook.is_paused ? text.resume : text.pause}
      </Button>
      <Button variant="default" onClick={rotating.open}>
        {text.rotate}
      </Button>
      <Button variant="default" onClick={removing.open}>
        {text.remove}
      </Button>
      <Dialog title={text.changeOf(webhook.name)} isOpen={isChanging} onClose={changing.close} size="lg">
        <Text size="sm" c="dimmed" mb="sm">
          {text.becomesYours}
        </Text>
        <WebhookForm
          webhook={webhook}
          act={text.change}
          run={(terms) => change(webhook.id, terms)}
          onDone={() => {
            refresh();
            changing.close();
          }}
          onCancel={changing.close}
        />
      </Dialog>
      <Confirm
        title={webhook.is_paused ? text.resume : text.pause}
        text={webhook.is_paused ? text.resumeHint : text.pauseHint}
        act={webhook.is_paused ? text.resume : text.pause}
        isHarmless
        isOpen={isPausing}
        onClose={pausing.close}
        run={run(() => (webhook.is_paused ? resume(webhook.id) : pause(webhook.id)))}
      />
      <Rotation webhook={webhook} isOpen={isRotating} onClose={rotating.close} />
      <Confirm
        title={text.removeOf(webhook.name)}
        text={text.removeHint}
        act={text.remove}
        isOpen={isRemoving}
        onClose={removing.close}
        run={async () => {
          await remove(webhook.id);
          onBack();
          refresh();
        }}
      />
    </Group>
  );
}

/** Sends a test, and shows what came of it. */
function Try({ webhook }: { webhook: Webhook }) {
  const refresh = useRefresh();
  const [isOpen, opened] = useDisclosure();
  const [sent, setSent] = useState<Delivery>();
  const close = () => {
    setSent(undefined);
    opened.close();
  };
  return (
    <>
      <Button onClick={opened.open}>{text.test}</Button>
      <Dialog title={text.test} isOpen={isOpen} onClose={close} size="lg">
        {sent ? (
          <Exchange delivery={sent} />
        ) : (
          <DialogForm
            act={text.test}
            run={() => test(webhook.id)}
            onDone={(made) => {
              setSent(made);
              refresh();
            }}
            onCancel={close}
          >
            {text.testHint}
          </DialogForm>
        )}
      </Dialog>
    </>
  );
}

function Rotation({ webhook, ...dialog }: { webhook: Webhook; isOpen: boolean; onClose: () => void }) {
  const refresh = useRefresh();
  const [overlap, setOverlap] = useState<string>(OVERLAPS[2]);
  return (
    <SecretDialog<NewWebhook>
      {...dialog}
      title={() => text.rotate}
      ask={(show, onCancel) => (
        <DialogForm
          act={text.rotate}
          run={() => rotate(webhook.id, Number(overlap))}
          onDone={(made) => {
            show(made);
            refresh();
          }}
          onCancel={onCancel}
        >
          <Text>{text.rotateHint}</Text>
          <NativeSelect
            label={text.overlap}
            value={overlap}
            onChange={(event) => setOverlap(event.currentTarget.value)}
            data={OVERLAPS.map((value) => ({ value, label: text.overlaps[value] }))}
            data-autofocus
          />
        </DialogForm>
      )}
      shown={(made, close) => (
        <Secret value={made.secret} what={text.secret} onDone={close}>
          <Text size="sm">{text.secretHint}</Text>
        </Secret>
      )}
    />
  );
}
