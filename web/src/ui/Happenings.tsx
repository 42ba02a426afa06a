// SPDX-License-Identifier: Apache-2.0
/** What happened in the registry, one line each: what, where, who, when. */

import { Group, Text, ThemeIcon } from "@mantine/core";
import {
  IconArchive,
  IconBox,
  IconDownload,
  IconFolderPlus,
  IconHistory,
  IconTag,
  IconTagOff,
  IconTagPlus,
} from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { type ComponentType, memo } from "react";
import { artifactAddress, repositoryAddress, tagAddress } from "@/shell/addresses";
import { words } from "@/words";
import { shortDigest } from "./format";
import classes from "./happenings.module.css";
import { Principal } from "./Principal";
import { Moment } from "./Shown";

const text = words.ui.happenings;

export type HappeningKind = keyof typeof text.kinds;

export interface Happening {
  key: string;
  kind: HappeningKind;
  at: string;
  repository: string;
  tag?: string | null;
  digest?: string | null;
  /** What the tag pointed at before. */
  previous?: string | null;
  /** An identity such as `user:alice`; not told of pulls. */
  by?: string;
  cause?: string;
  /** How often, where it is counted. */
  count?: number;
}

const LOOKS: Record<HappeningKind, [icon: ComponentType<{ size?: number | string }>, color: string]> = {
  "repository.created": [IconFolderPlus, "blue"],
  "manifest.pushed": [IconBox, "indigo"],
  "manifest.deleted": [IconArchive, "red"],
  "manifest.restored": [IconHistory, "teal"],
  "tag.created": [IconTagPlus, "indigo"],
  "tag.moved": [IconTag, "indigo"],
  "tag.deleted": [IconTagOff, "red"],
  "content.used": [IconDownload, "gray"],
};

/** The lines; `label` says what they are, for those who do not see it. */
export function Happenings({ label, items }: { label: string; items: readonly Happening[] }) {
  return (
    <ul className={classes.list} aria-label={label}>
      {items.map((item) => (
        <Row key={item.key} item={item} />
      ))}
    </ul>
  );
}

const Row = memo(
  ({ item }: { item: Happening }) => {
    const [Icon, color] = LOOKS[item.kind];
    return (
      <li className={classes.row}>
        <ThemeIcon variant="light" color={color} size={28} aria-hidden>
          <Icon size={16} />
        </ThemeIcon>
        <div className={classes.what}>
          <Text span size="sm" className={classes.kind}>
            {item.count === undefined ? text.kinds[item.kind] : text.pulled(item.count)}
          </Text>
          <Where item={item} />
        </div>
        <Text size="xs" c="dimmed" className={classes.who} component="div">
          {item.by && <Principal identity={item.by} />}
          {item.cause && item.cause !== "user" && <span>{text.cause(item.cause)}</span>}
          <Moment at={item.at} />
        </Text>
      </li>
    );
  },
  (one, other) => one.item.key === other.item.key,
);

function Where({ item }: { item: Happening }) {
  const { kind, repository, tag, digest, previous } = item;
  if (kind === "repository.created") return <Link to={repositoryAddress(repository)}>{repository}</Link>;
  // What was deleted has no page any more; its repository lists it in the bin.
  if (kind === "manifest.deleted")
    return (
      <Link to={repositoryAddress(repository)} search={{ tab: "bin" } as never}>
        {digest ? `${repository}@${shortDigest(digest)}` : repository}
      </Link>
    );
  if (!tag) return digest && <Artifact repository={repository} digest={digest} isNamed />;
  return (
    <Group gap="xs" component="span" display="inline-flex">
      <Link to={tagAddress(repository, tag)}>{`${repository}:${tag}`}</Link>
      {digest && (
        <Text span size="xs" c="dimmed" title={previous ? text.before(previous) : undefined}>
          <Artifact repository={repository} digest={digest} />
        </Text>
      )}
    </Group>
  );
}

function Artifact({
  repository,
  digest,
  isNamed,
}: {
  repository: string;
  digest: string;
  isNamed?: boolean;
}) {
  const shown = shortDigest(digest);
  return <Link to={artifactAddress(repository, digest)}>{isNamed ? `${repository}@${shown}` : shown}</Link>;
}
