// SPDX-License-Identifier: Apache-2.0
import { VisuallyHidden } from "@mantine/core";
import {
  IconRobot,
  IconServer,
  IconServerCog,
  IconUser,
  IconUserCheck,
  IconUsersGroup,
  IconWorld,
} from "@tabler/icons-react";
import { words } from "@/words";
import classes from "./ui.module.css";

const text = words.ui.principals;

type Kind = keyof typeof text;

const ICONS: Record<Kind, typeof IconUser> = {
  user: IconUser,
  group: IconUsersGroup,
  robot: IconRobot,
  workload: IconServer,
  internal: IconServerCog,
  everyone: IconUserCheck,
  anonymous: IconWorld,
};

/** Who did or may do something, from an identity such as `user:alice`, `group:developers` or `everyone:everyone`. */
export function Principal({ identity }: { identity: string }) {
  const [kind, name] = split(identity);
  const Icon = ICONS[kind];
  const isMany = kind === "everyone" || kind === "anonymous";
  return (
    <span className={classes.principal} title={identity} data-many={isMany || undefined}>
      <Icon size={16} aria-hidden />
      {isMany ? text[kind] : <VisuallyHidden component="span">{text[kind]}</VisuallyHidden>}
      {!isMany && name}
    </span>
  );
}

/** Take an identity apart: `robot:team.ci` is `["robot", "team.ci"]`. One without a kind is a user's name. */
function split(identity: string): [kind: Kind, name: string] {
  const at = identity.indexOf(":");
  const kind = identity.slice(0, Math.max(at, 0));
  return kind in ICONS ? [kind as Kind, identity.slice(at + 1)] : ["user", identity];
}
