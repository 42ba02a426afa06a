// SPDX-License-Identifier: Apache-2.0
import { ActionIcon, Button, Text } from "@mantine/core";
import { IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import { useState } from "react";
import { artifactAddress } from "@/shell/addresses";
import { Bytes, Copyable, Fact, Facts, Moment, Principal, Refusal, shortDigest } from "@/ui";
import { counted, words } from "@/words";
import classes from "./artifacts.module.css";
import { Type } from "./Badges";
import { type Referrer, useReferrers } from "./queries";
import { To } from "./To";

const texts = words.artifacts.referrers;

/** The one node that the tabulator key reaches. */
export interface Current {
  path: string;
  put: (path: string) => void;
}

interface Place {
  repository: string;
  /** The digests from the root of the tree to here: the same artifact is a node of its own in each place. */
  path: string;
  level: number;
  current: Current;
}

/** The referrers of one artifact, asked for when this is drawn. */
export function Branch({ digest, ...place }: Place & { digest: string }) {
  const { data, error, isPending, hasNextPage, isFetchingNextPage, fetchNextPage } = useReferrers(
    place.repository,
    digest,
  );
  if (isPending) return <Note level={place.level} text={texts.loading} />;
  const referrers = data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <>
      {referrers.map((referrer) => (
        <Node
          key={referrer.digest}
          referrer={referrer}
          {...place}
          path={`${place.path}/${referrer.digest}`}
        />
      ))}
      <Refusal error={error} />
      {hasNextPage && (
        <div role="treeitem" aria-level={place.level} tabIndex={-1} className={classes.row}>
          <Button
            data-more
            size="compact-sm"
            variant="subtle"
            tabIndex={-1}
            loading={isFetchingNextPage}
            onClick={() => void fetchNextPage()}
          >
            {texts.more}
          </Button>
        </div>
      )}
    </>
  );
}

function Note({ level, text }: { level: number; text: string }) {
  return (
    <div role="treeitem" aria-level={level} tabIndex={-1} className={classes.row}>
      <Text inherit c="dimmed">
        {text}
      </Text>
    </div>
  );
}

function Node({ referrer, ...place }: Place & { referrer: Referrer }) {
  const [isOpen, open] = useState(false);
  const { repository, path, level, current } = place;
  const type = words.artifacts.types[referrer.type] ?? referrer.type;
  const name = `${type} ${shortDigest(referrer.digest)}`;
  return (
    <div>
      <div
        role="treeitem"
        className={classes.row}
        aria-level={level}
        aria-expanded={referrer.has_referrers ? isOpen : undefined}
        tabIndex={current.path === path ? 0 : -1}
        onFocus={() => current.put(path)}
      >
        <span className={classes.fold}>
          {referrer.has_referrers && (
            <ActionIcon
              data-fold
              size="sm"
              variant="subtle"
              color="gray"
              tabIndex={-1}
              aria-label={isOpen ? texts.close(name) : texts.open(name)}
              onClick={() => open(!isOpen)}
            >
              {isOpen ? <IconChevronDown size={16} /> : <IconChevronRight size={16} />}
            </ActionIcon>
          )}
        </span>
        <About repository={repository} referrer={referrer} />
      </div>
      {isOpen && (
        <div className={classes.nodes}>
          <Branch {...place} digest={referrer.digest} level={level + 1} />
        </div>
      )}
    </div>
  );
}

function About({ repository, referrer }: { repository: string; referrer: Referrer }) {
  const annotations = Object.entries(referrer.annotations);
  return (
    <>
      <To to={artifactAddress(repository, referrer.digest)}>
        <Type type={referrer.type} />
      </To>
      {referrer.artifact_type && (
        <Text span size="xs" c="dimmed" className={classes.anywhere}>
          {referrer.artifact_type}
        </Text>
      )}
      <Copyable value={referrer.digest} shown={shortDigest(referrer.digest)} what={referrer.digest} />
      <Bytes value={referrer.size} />
      <Moment at={referrer.pushed_at} />
      <Principal identity={referrer.pushed_by} />
      {annotations.length > 0 && (
        <details className={classes.annotations}>
          <summary>{counted(annotations.length, texts.annotationForms)}</summary>
          <Facts hasLongNames>
            {annotations.map(([key, value]) => (
              <Fact key={key} name={key}>
                {value}
              </Fact>
            ))}
          </Facts>
        </details>
      )}
    </>
  );
}
