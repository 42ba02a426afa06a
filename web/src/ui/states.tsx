// SPDX-License-Identifier: Apache-2.0
/** What is shown instead of content: nothing there yet, still loading, refused, failed. */

import {
  Alert,
  Button,
  Center,
  Group,
  Loader,
  Stack,
  Text,
  ThemeIcon,
  Title,
  VisuallyHidden,
} from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconCloudOff, IconLock, IconMoodEmpty, IconZoomQuestion } from "@tabler/icons-react";
import { type ComponentType, type ReactNode, useEffect } from "react";
import { Problem, UNREACHABLE } from "@/api";
import { words } from "@/words";

const SHOWN_MS = 12_000;

interface Notice {
  icon: ComponentType<{ size?: number | string }>;
  title: string;
  text?: ReactNode;
  action?: ReactNode;
  color?: string;
  /** Whether it is all of a page, and so its title too. */
  isPage?: boolean;
}

/** A page or a panel that says one thing. */
export function Notice({ icon: Icon, title, text, action, color = "gray", isPage = false }: Notice) {
  useEffect(() => {
    if (isPage) document.title = words.shell.titled(title);
  }, [isPage, title]);
  return (
    <Center py="xl" px="md">
      <Stack align="center" gap="sm" maw={560} miw={0}>
        <ThemeIcon size={56} radius="xl" variant="light" color={color}>
          <Icon size={28} />
        </ThemeIcon>
        <Title order={isPage ? 1 : 2} size="h4" ta="center">
          {title}
        </Title>
        {text && (
          <Text c="dimmed" ta="center" component="div">
            {text}
          </Text>
        )}
        {action}
      </Stack>
    </Center>
  );
}

/** There is nothing yet; say what would fill it. */
export function Empty({ title, text, action }: { title: string; text?: ReactNode; action?: ReactNode }) {
  return <Notice icon={IconMoodEmpty} title={title} text={text} action={action} />;
}

export function Loading() {
  return (
    <Center py="xl" role="status">
      <Loader />
      <VisuallyHidden>{words.ui.loading}</VisuallyHidden>
    </Center>
  );
}

/** Content that could not be had: forbidden, absent, unreachable or failed, with what to do next. */
export function Failure({ error, retry }: { error: unknown; retry?: () => void }) {
  const again = retry && (
    <Button variant="default" onClick={retry}>
      {words.ui.tryAgain}
    </Button>
  );
  if (!(error instanceof Problem))
    return (
      <Notice icon={IconCloudOff} color="red" title={words.ui.failed} text={String(error)} action={again} />
    );
  if (error.code === UNREACHABLE)
    return (
      <Notice
        icon={IconCloudOff}
        color="orange"
        title={words.ui.unreachable}
        text={words.ui.unreachableHint}
        action={again}
      />
    );
  if (error.status === 404)
    return (
      <Notice icon={IconZoomQuestion} title={words.ui.noSuch} text={hintOf(error) ?? words.ui.noSuchHint} />
    );
  if (error.status === 403)
    return (
      <Notice icon={IconLock} color="yellow" title={words.ui.forbidden} text={<Told problem={error} />} />
    );
  return (
    <Notice
      icon={IconCloudOff}
      color="red"
      title={words.ui.failed}
      text={<Told problem={error} />}
      action={again}
    />
  );
}

/** A problem in a form or a dialog, where what was typed stays. It is brought into view: a form may be long. */
export function Refusal({ error }: { error: unknown }) {
  if (!error) return null;
  return (
    <Alert
      ref={bringIntoView}
      color="red"
      title={error instanceof Problem ? undefined : words.ui.failed}
      role="alert"
    >
      {error instanceof Problem ? <Told problem={error} /> : String(error)}
    </Alert>
  );
}

function bringIntoView(element: HTMLElement | null): void {
  element?.scrollIntoView({ block: "nearest" });
}

/** Tell beside the page why something that has no dialog was refused. */
export function tellRefused(error: unknown, title: string): void {
  const message = error instanceof Problem ? <Told problem={error} /> : String(error);
  notifications.show({ title, message, color: "red", autoClose: SHOWN_MS });
}

function Told({ problem }: { problem: Problem }) {
  const isLost = problem.code === UNREACHABLE;
  const hint = isLost ? words.ui.unreachableAct : hintOf(problem);
  const said = isLost ? words.ui.unreachable : problem.message;
  const detail = said.charAt(0).toUpperCase() + said.slice(1);
  return (
    <Stack gap={4}>
      <Text inherit>{detail.endsWith(".") ? detail : `${detail}.`}</Text>
      {hint && <Text inherit>{hint}</Text>}
      {problem.status >= 500 && problem.requestId && (
        <Group gap={4}>
          <Text size="xs">{words.ui.requestId(problem.requestId)}</Text>
        </Group>
      )}
    </Stack>
  );
}

function hintOf(problem: Problem): string | undefined {
  return words.hints[problem.code] ?? problem.hint;
}
