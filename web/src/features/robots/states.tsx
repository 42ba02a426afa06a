// SPDX-License-Identifier: Apache-2.0
import { Badge, Group, Text } from "@mantine/core";
import { IconAlertTriangle, IconBan, IconCheck } from "@tabler/icons-react";
import { Moment } from "@/ui";
import { words } from "@/words";
import type { Robot } from "./queries";

const text = words.robots;

/** Whether a robot can log in now, and if not, what it lacks. */
export function RobotState({ robot }: { robot: Pick<Robot, "enabled" | "secret"> }) {
  const state = !robot.enabled ? "disabled" : robot.secret?.state === "live" ? "enabled" : "locked";
  const Icon = state === "enabled" ? IconCheck : IconBan;
  return (
    <Badge
      variant="default"
      tt="none"
      fw={500}
      miw="max-content"
      leftSection={<Icon size={12} aria-hidden />}
    >
      {text.states[state]}
    </Badge>
  );
}

/** Until when a secret is good, or since when it is not. */
export function SecretState({ secret }: { secret: Robot["secret"] }) {
  if (!secret) return <span>{text.secrets.none}</span>;
  if (secret.state === "revoked") return <Text inherit>{text.secrets.revoked}</Text>;
  if (!secret.ends_at) return <span>{text.secrets.forEver}</span>;
  const isExpired = secret.state === "expired";
  return (
    <Group gap="xs">
      <Text inherit span fw={isExpired ? 600 : undefined}>
        {isExpired ? text.secrets.expired : text.secrets.until} <Moment at={secret.ends_at} />
      </Text>
      {secret.expires_soon && (
        <Badge
          variant="light"
          color="orange"
          tt="none"
          miw="max-content"
          leftSection={<IconAlertTriangle size={12} aria-hidden />}
        >
          {text.secrets.soon}
        </Badge>
      )}
    </Group>
  );
}
