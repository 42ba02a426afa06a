// SPDX-License-Identifier: Apache-2.0
import { Anchor, Badge, Box, Button, Group, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useMemo } from "react";
import { type Column, Command, Empty, EndlessTable, Moment, Secret, SecretDialog, useInAddress } from "@/ui";
import { webhooks as text } from "@/words/webhooks";
import { create, type Item, type NewWebhook, useRefresh, useWebhooks } from "./queries";
import { WebhookForm } from "./WebhookForm";
import { WebhookPanel } from "./WebhookPanel";

/** The webhooks of a project, or of the registry where that is empty; or one of them with its log. */
export function WebhooksView({ project }: { project: string }) {
  const [chosen, choose] = useInAddress("hook");
  return chosen ? (
    <WebhookPanel id={chosen} onBack={() => choose("")} />
  ) : (
    <Webhooks project={project} choose={choose} />
  );
}

function Webhooks({ project, choose }: { project: string; choose: (id: string) => void }) {
  const list = useWebhooks(project);
  const columns = useMemo(() => columnsWith(choose), [choose]);
  return (
    <Stack>
      <Text c="dimmed">{project ? text.aboutProject : text.aboutRegistry}</Text>
      <Creation project={project} />
      <EndlessTable
        label={text.list}
        list={list}
        columns={columns}
        keyOf={(each) => each.id}
        empty={
          <Empty
            title={text.none}
            text={text.noneHint}
            action={
              <Box maw="100%">
                <Command text={text.commandOf(project)} what={text.command} />
              </Box>
            }
          />
        }
      />
    </Stack>
  );
}

function Creation({ project }: { project: string }) {
  const [isOpen, opened] = useDisclosure();
  const refresh = useRefresh();
  return (
    <Group>
      <Button onClick={opened.open}>{text.create}</Button>
      <SecretDialog<NewWebhook>
        title={(made) => (made ? text.made(made.name) : text.create)}
        isOpen={isOpen}
        onClose={opened.close}
        size="lg"
        ask={(show, onCancel) => (
          <WebhookForm
            act={text.create}
            run={(terms) => create(project, terms)}
            onDone={(made) => {
              show(made);
              refresh();
            }}
            onCancel={onCancel}
          />
        )}
        shown={(made, close) => (
          <Secret value={made.secret} what={text.secret} onDone={close}>
            <Text size="sm">{text.secretHint}</Text>
          </Secret>
        )}
      />
    </Group>
  );
}

/** How a webhook stands, in a word. */
export function Standing({ webhook }: { webhook: Item }) {
  const [color, said] = webhook.is_paused
    ? ["gray", text.paused]
    : webhook.failing_since
      ? ["red", text.failing]
      : ["teal", text.active];
  return (
    <Badge variant="dot" color={color} tt="none" miw="max-content">
      {said}
    </Badge>
  );
}

function columnsWith(choose: (id: string) => void): Column<Item>[] {
  return [
    {
      id: "name",
      header: text.name,
      cell: ({ row: { original } }) => (
        <Anchor component="button" type="button" onClick={() => choose(original.id)}>
          {original.name}
        </Anchor>
      ),
    },
    {
      id: "standing",
      header: text.standing,
      cell: ({ row: { original } }) => <Standing webhook={original} />,
    },
    {
      id: "format",
      header: text.format,
      cell: ({ row: { original } }) => text.formats[original.format].label,
      meta: { isHiddenWhenNarrow: true },
    },
    {
      id: "address",
      header: text.address,
      cell: ({ row: { original } }) => originOf(original.url),
      meta: { isHiddenWhenNarrow: true },
    },
    {
      id: "delivered",
      header: text.delivered,
      cell: ({ row: { original } }) =>
        original.delivered_at ? <Moment at={original.delivered_at} /> : text.never,
      meta: { isHiddenWhenNarrow: true },
    },
  ];
}

/** Where it leads, without the path: that may be a secret. */
export function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : url;
}
