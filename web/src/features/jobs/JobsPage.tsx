// SPDX-License-Identifier: Apache-2.0
import type { Tab } from "@/shell/feature";
import { Page, SubjectTabs } from "@/ui";
import { words } from "@/words";

const text = words.jobs;
const SUBJECT = {};
const TABS: Tab<object>[] = [
  { id: "jobs", label: text.list, load: () => import("./JobsTab"), order: 10 },
  { id: "schedules", label: text.schedules, load: () => import("./SchedulesTab"), order: 20 },
];

export default function JobsPage() {
  return (
    <Page title={text.title} about={text.about}>
      <SubjectTabs label={text.parts} subject={SUBJECT} tabs={TABS} />
    </Page>
  );
}
