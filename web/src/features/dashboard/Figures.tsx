// SPDX-License-Identifier: Apache-2.0
import { Card, Progress, Stack, Text } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck, IconCircleX } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useIsMounted } from "@/shell/mounted";
import { useMay } from "@/shell/session";
import { formatBytes, formatNumber, Moment } from "@/ui";
import { words } from "@/words";
import classes from "./dashboard.module.css";
import type { Health, Overview, Storage } from "./queries";

const text = words.dashboard;
const VERDICTS = {
  ready: { Icon: IconCircleCheck, color: "var(--mantine-color-teal-text)" },
  degraded: { Icon: IconAlertTriangle, color: "var(--mantine-color-orange-text)" },
  unready: { Icon: IconCircleX, color: "var(--mantine-color-red-text)" },
};

/** The figures at the top, each a link to where it comes from. */
export function Figures({ overview: { health, storage } }: { overview: Overview }) {
  return (
    <div className={classes.figures}>
      <HealthFigure health={health} />
      {storage && (
        <>
          <StorageFigure storage={storage} />
          <Count label={text.projects} to="/projects" value={storage.projects} at={storage.measured_at} />
          <Count
            label={text.repositories}
            to="/repositories"
            value={storage.repositories}
            at={storage.measured_at}
          />
          <Count
            label={text.artifacts}
            to="/repositories"
            value={storage.artifacts}
            at={storage.measured_at}
          />
        </>
      )}
    </div>
  );
}

function Figure({ label, to, children }: { label: string; to?: string; children: ReactNode }) {
  const content = (
    <Stack gap={4}>
      <Text size="sm" c="dimmed">
        {label}
      </Text>
      {children}
    </Stack>
  );
  if (!to)
    return (
      <Card withBorder padding="md">
        {content}
      </Card>
    );
  return (
    <Card withBorder padding="md" component={Link} to={to} className={classes.figure}>
      {content}
    </Card>
  );
}

function HealthFigure({ health }: { health: Health }) {
  const isShown = useIsMounted("system");
  const mayRead = useMay("read-system");
  const { Icon, color } = VERDICTS[health.status];
  const problems = health.checks.filter((check) => !check.ok);
  return (
    <Figure label={text.health} to={isShown && mayRead ? "/system" : undefined}>
      <Text size="lg" fw={600} className={classes.verdict}>
        <Icon size={22} color={color} aria-hidden />
        {text.verdicts[health.status]}
      </Text>
      {problems.map(({ name, reason }) => (
        <Text key={name} size="xs">
          {text.problem(name, reason ?? words.ui.unknown)}
        </Text>
      ))}
      {health.checks.length > 0 && problems.length === 0 && (
        <Text size="xs" c="dimmed">
          {text.allChecked(health.checks.map((check) => check.name).join(", "))}
        </Text>
      )}
    </Figure>
  );
}

function StorageFigure({ storage }: { storage: Storage }) {
  const isShown = useIsMounted("system");
  return (
    <Figure label={text.storage} to={isShown ? "/system" : undefined}>
      <Text size="lg" fw={600}>
        {formatBytes(storage.used_bytes)}
      </Text>
      <DiskBar storage={storage} />
    </Figure>
  );
}

function DiskBar({ storage: { used_bytes, disk_free_bytes, disk_total_bytes } }: { storage: Storage }) {
  if (disk_free_bytes === null || !disk_total_bytes) return null;
  const own = Math.min(used_bytes, disk_total_bytes - disk_free_bytes);
  const others = disk_total_bytes - disk_free_bytes - own;
  const share = (bytes: number) => Math.round((1000 * bytes) / disk_total_bytes) / 10;
  return (
    <>
      <Progress.Root size="md" aria-label={text.storageBar}>
        <Progress.Section
          value={share(own)}
          aria-label={text.ownShare(formatBytes(own))}
          title={text.ownShare(formatBytes(own))}
        />
        <Progress.Section
          value={share(others)}
          color="gray"
          aria-label={text.otherShare(formatBytes(others))}
          title={text.otherShare(formatBytes(others))}
        />
      </Progress.Root>
      <Text size="xs" c="dimmed">
        {text.ofDisk(formatBytes(disk_free_bytes), formatBytes(disk_total_bytes))}
      </Text>
    </>
  );
}

function Count({ label, to, value, at }: { label: string; to: string; value: number; at: string }) {
  return (
    <Figure label={label} to={to}>
      <Text size="lg" fw={600}>
        {formatNumber(value)}
      </Text>
      <Text size="xs" c="dimmed">
        {text.countedAt} <Moment at={at} />
      </Text>
    </Figure>
  );
}
