// SPDX-License-Identifier: Apache-2.0
import { VisuallyHidden } from "@mantine/core";
import { IconRobot, IconUser } from "@tabler/icons-react";
import { words } from "@/words";
import classes from "./ui.module.css";

/** Who did or may do something, from an identity such as `user:alice`. */
export function Principal({ identity }: { identity: string }) {
  const [kind, name] = split(identity);
  const Icon = kind === "robot" ? IconRobot : IconUser;
  return (
    <span className={classes.principal} title={identity}>
      <Icon size={16} aria-hidden />
      <VisuallyHidden component="span">{kind === "robot" ? words.ui.robot : words.ui.user}</VisuallyHidden>
      {name}
    </span>
  );
}

/** Take an identity apart: `robot:team.ci` is `["robot", "team.ci"]`. */
function split(identity: string): [kind: string, name: string] {
  const at = identity.indexOf(":");
  return at < 0 ? ["user", identity] : [identity.slice(0, at), identity.slice(at + 1)];
}
