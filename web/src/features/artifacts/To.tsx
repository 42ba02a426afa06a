// SPDX-License-Identifier: Apache-2.0
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { artifactAddress } from "@/shell/addresses";
import { shortDigest } from "@/ui";
import classes from "./artifacts.module.css";

/** A link to another page of the console. */
export function To({ to, title, children }: { to: string; title?: string; children: ReactNode }) {
  return (
    <Link to={to} title={title} className={classes.link}>
      {children}
    </Link>
  );
}

/** A link to an artifact of a repository, by its shortened digest. */
export function ToArtifact({ repository, digest }: { repository: string; digest: string }) {
  return (
    <To to={artifactAddress(repository, digest)} title={digest}>
      <code className={classes.digest}>{shortDigest(digest)}</code>
    </To>
  );
}
