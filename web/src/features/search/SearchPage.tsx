// SPDX-License-Identifier: Apache-2.0
import { Button, Card, Group, SegmentedControl, Stack, Text, Title } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Hits } from "@/shell/feature";
import { Empty, Failure, Filter, Loading, Page, useInAddress } from "@/ui";
import { words } from "@/words";
import { finding } from "@/words/finding";
import { FindArtifacts } from "./FindArtifacts";
import { ask, type Found, hitsOf } from "./find";
import { isQualified } from "./finding";
import classes from "./search.module.css";

const text = words.search;
const FEW = 8;
const MANY = 50;
const NAME = "name";
const WHAT = "what";

export default function SearchPage() {
  const [inAddress] = useInAddress("q");
  const [chosen, choose] = useInAddress("by");
  const typed = inAddress.trim();
  const by = chosen || (isQualified(typed) ? WHAT : NAME);
  return (
    <Page title={typed ? text.titleFor(typed) : text.title} about={by === WHAT ? finding.about : text.about}>
      <Group>
        <SegmentedControl
          aria-label={finding.by}
          value={by}
          onChange={choose}
          data={[
            { value: NAME, label: finding.byName },
            { value: WHAT, label: finding.byWhat },
          ]}
        />
      </Group>
      {by === WHAT ? <FindArtifacts /> : <ByName typed={typed} />}
    </Page>
  );
}

function ByName({ typed }: { typed: string }) {
  return (
    <>
      <Filter label={text.field} name="q" />
      {typed ? <Results typed={typed} /> : <Empty title={text.start} text={text.startHint} />}
    </>
  );
}

function Results({ typed }: { typed: string }) {
  const [many, putMany] = useInAddress("more");
  const limit = many ? MANY : FEW;
  const found = useQuery({
    queryKey: ["search", typed, limit],
    queryFn: ({ signal }) => ask(typed, limit, signal),
    placeholderData: keepPreviousData,
  });
  if (found.isPending) return <Loading />;
  if (!found.data) return <Failure error={found.error} retry={() => void found.refetch()} />;
  const groups = hitsOf(found.data);
  if (!groups.length) return <Empty title={text.nothing(typed)} text={text.nothingHint} />;
  return (
    <Stack aria-busy={found.isPlaceholderData}>
      {groups.map((group) => (
        <Shown key={group.group} {...group} />
      ))}
      {isMore(found.data, limit) && !many && (
        <Group>
          <Button variant="default" onClick={() => putMany("yes")} loading={found.isFetching}>
            {text.more}
          </Button>
        </Group>
      )}
      {!found.data.is_complete && many && <Text c="dimmed">{text.incomplete}</Text>}
    </Stack>
  );
}

/** Whether asking for more of each can show more. */
function isMore({ projects, repositories, tags, artifacts, is_complete }: Found, limit: number): boolean {
  return !is_complete && [projects, repositories, tags, artifacts].some(({ length }) => length >= limit);
}

function Shown({ group, hits }: Hits) {
  return (
    <Card withBorder padding="md">
      <Title order={2} size="h4" mb="xs">
        {group}
      </Title>
      <ul className={classes.hits}>
        {hits.map(({ to, label, description, icon: Icon }) => (
          <li key={to}>
            <Icon size={16} aria-hidden />
            <Link to={to}>{label}</Link>
            {description && (
              <Text span size="xs" c="dimmed">
                {description}
              </Text>
            )}
          </li>
        ))}
      </ul>
    </Card>
  );
}
