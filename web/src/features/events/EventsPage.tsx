// SPDX-License-Identifier: Apache-2.0
import { Alert, Badge, Button, Card, Group, Select } from "@mantine/core";
import { IconPlayerPause, IconPlayerPlay, IconPlugConnectedX } from "@tabler/icons-react";
import { useDeferredValue, useState } from "react";
import { type Recent, USED, useRecent } from "@/live";
import { Empty, Failure, Filter, type Happening, Happenings, Loading, Page, useInAddress } from "@/ui";
import { counted, words } from "@/words";
import { countNew, type Entry, entriesOf } from "./feed";
import { type Change, useBefore } from "./queries";

const text = words.events;
const TYPES = Object.entries(text.types).map(([value, label]) => ({ value, label }));

/** What is shown while the page is paused. */
interface Held {
  recent: Recent;
  before: Change[];
}

export default function EventsPage() {
  const [project] = useInAddress("project");
  const [type, putType] = useInAddress("type");
  const [held, setHeld] = useState<Held>();
  const recent = useDeferredValue(useRecent());
  const before = useBefore();
  const wanted = { project, type };
  const now = { recent, before: before.data ?? [] };
  const shown = held ?? now;
  const entries = entriesOf(shown.recent, shown.before, wanted);
  const missed = held ? countNew(entriesOf(recent, held.before, wanted), entries) : 0;
  const content = () => {
    if (before.isPending) return <Loading />;
    if (!before.data) return <Failure error={before.error} retry={() => void before.refetch()} />;
    return <Feed entries={entries} />;
  };
  return (
    <Page
      title={text.title}
      about={text.about}
      actions={
        <>
          {missed > 0 && (
            <Badge variant="light" size="lg" tt="none">
              {text.waiting(counted(missed, text.event))}
            </Badge>
          )}
          <Button
            variant="default"
            leftSection={held ? <IconPlayerPlay size={16} /> : <IconPlayerPause size={16} />}
            onClick={() => setHeld(held ? undefined : now)}
          >
            {held ? text.goOn : text.pause}
          </Button>
        </>
      }
    >
      <Group gap="sm">
        <Select
          aria-label={text.type}
          data={TYPES}
          value={type || "all"}
          onChange={(chosen) => putType(!chosen || chosen === "all" ? "" : chosen)}
          allowDeselect={false}
        />
        <Filter label={text.project} name="project" />
      </Group>
      {content()}
    </Page>
  );
}

function Feed({ entries }: { entries: Entry[] }) {
  if (!entries.length) return <Nothing />;
  return (
    <Card withBorder padding="md">
      {stretches(entries).map((stretch) => (
        <div key={stretch.key}>
          {stretch.isAfterGap && (
            <Alert color="yellow" icon={<IconPlugConnectedX size={18} />} my="xs">
              {text.gap}
            </Alert>
          )}
          <Happenings label={text.label} items={stretch.items} />
        </div>
      ))}
    </Card>
  );
}

function Nothing() {
  const [project, putProject] = useInAddress("project");
  const [type, putType] = useInAddress("type");
  if (!project && !type) return <Empty title={text.none} text={text.noneHint} />;
  if (type === USED && !project) return <Empty title={text.noPulls} text={text.noPullsHint} />;
  const showAll = () => {
    putProject("");
    putType("");
  };
  const action = (
    <Button variant="default" onClick={showAll}>
      {text.showAll}
    </Button>
  );
  return <Empty title={text.noneMatching} text={text.noneMatchingHint} action={action} />;
}

interface Stretch {
  key: string;
  isAfterGap: boolean;
  items: Happening[];
}

/** Lines that belong together, split where some may be missing between. */
function stretches(entries: readonly Entry[]): Stretch[] {
  const found: Stretch[] = [{ key: "first", isAfterGap: false, items: [] }];
  for (const entry of entries) {
    if (entry.kind === "gap") found.push({ key: entry.key, isAfterGap: true, items: [] });
    else found.at(-1)?.items.push(entry);
  }
  return found;
}
