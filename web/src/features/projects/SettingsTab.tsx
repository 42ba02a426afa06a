// SPDX-License-Identifier: Apache-2.0
import { Button, Group, List, Paper, Stack, Text, Title } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { answer, api } from "@/api";
import type { ProjectSubject } from "@/shell/feature";
import { Confirm, Failure, Loading } from "@/ui";
import { words } from "@/words";
import { bin } from "@/words/bin";
import { type Redirects, useProject, useRefresh, type Visibility } from "./queries";
import { VISIBILITY_ICONS } from "./VisibilityBadge";
import { WindowSetting } from "./WindowSetting";

const text = words.projects;
const VISIBILITIES = ["private", "internal", "public"] as const;

export default function SettingsTab({ subject: { name } }: { subject: ProjectSubject }) {
  const project = useProject(name);
  if (project.isError) return <Failure error={project.error} retry={() => void project.refetch()} />;
  if (project.isPending) return <Loading />;
  return (
    <Stack maw={760}>
      <VisibilitySetting name={name} visibility={project.data.visibility} />
      <RedirectSetting name={name} redirect={project.data.redirect} />
      <Setting title={bin.window.title}>
        <WindowSetting name={name} days={project.data.undelete_days} />
      </Setting>
      <Deletion name={name} />
    </Stack>
  );
}

function Setting({ title, about, children }: { title: string; about?: string; children: ReactNode }) {
  return (
    <Paper withBorder p="md" component="section">
      <Stack gap="sm" align="flex-start">
        <Title order={2} size="h4">
          {title}
        </Title>
        {about && <Text>{about}</Text>}
        {children}
      </Stack>
    </Paper>
  );
}

function VisibilitySetting({ name, visibility }: { name: string; visibility: Visibility }) {
  return (
    <Setting title={text.visibility} about={text.visibilityNow[visibility]}>
      <Stack gap="sm" w="100%">
        {VISIBILITIES.map((each) => (
          <VisibilityChoice key={each} name={name} of={each} isNow={each === visibility} />
        ))}
      </Stack>
    </Setting>
  );
}

/** One of the visibilities: what it means, and a way to it unless the project has it. */
function VisibilityChoice({ name, of: wanted, isNow }: { name: string; of: Visibility; isNow: boolean }) {
  const [isOpen, { open, close }] = useDisclosure();
  const refresh = useRefresh();
  const { label, description } = text.visibilities[wanted];
  const change = text.makeVisible[wanted];
  const Icon = VISIBILITY_ICONS[wanted];
  const run = async () => {
    await answer(
      api.PATCH("/api/v1/projects/{name}", { params: { path: { name } }, body: { visibility: wanted } }),
    );
    refresh();
  };
  return (
    <Group gap="sm" align="flex-start">
      <Icon size={20} aria-hidden />
      <Stack gap={0} flex="1 1 220px">
        <Text fw={isNow ? 600 : 500}>{isNow ? text.isNow(label) : label}</Text>
        <Text size="sm" c="dimmed">
          {description}
        </Text>
      </Stack>
      {!isNow && (
        <Button variant="default" size="xs" onClick={open}>
          {change.button}
        </Button>
      )}
      <Confirm
        title={change.title(name)}
        text={change.text}
        act={change.act}
        isOpen={isOpen}
        onClose={close}
        run={run}
      />
    </Group>
  );
}

/** Whether large blobs may come from the storage itself, and the way to the other. */
function RedirectSetting({ name, redirect }: { name: string; redirect: Redirects }) {
  const [isOpen, { open, close }] = useDisclosure();
  const refresh = useRefresh();
  const change = text.redirects[redirect];
  const run = async () => {
    const wanted = redirect === "allowed" ? "never" : "allowed";
    await answer(
      api.PATCH("/api/v1/projects/{name}", { params: { path: { name } }, body: { redirect: wanted } }),
    );
    refresh();
  };
  return (
    <Setting title={text.redirects.title} about={change.about}>
      <Button variant="default" onClick={open}>
        {change.button}
      </Button>
      <Confirm
        title={change.title(name)}
        text={change.text}
        act={change.act}
        isOpen={isOpen}
        onClose={close}
        run={run}
      />
    </Setting>
  );
}

function Deletion({ name }: { name: string }) {
  const [isOpen, { open, close }] = useDisclosure();
  const refresh = useRefresh();
  const navigate = useNavigate();
  const run = async () => {
    await answer(api.DELETE("/api/v1/projects/{name}", { params: { path: { name } } }));
    await navigate({ to: "/projects" as "/" });
    refresh();
  };
  return (
    <Setting title={text.deletion.title} about={text.deletion.about}>
      <Button variant="default" c="var(--mantine-color-error)" onClick={open}>
        {text.deletion.button}
      </Button>
      <Confirm
        title={text.deletion.confirm(name)}
        text={
          <Stack gap="xs">
            {text.deletion.text}
            <List>
              {text.deletion.goes.map((part) => (
                <List.Item key={part}>{part}</List.Item>
              ))}
            </List>
          </Stack>
        }
        act={text.deletion.act}
        typed={name}
        isOpen={isOpen}
        onClose={close}
        run={run}
      />
    </Setting>
  );
}
