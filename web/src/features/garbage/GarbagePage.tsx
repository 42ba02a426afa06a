// SPDX-License-Identifier: Apache-2.0
import type { Tab } from "@/shell/feature";
import { Page, SubjectTabs } from "@/ui";
import { garbage } from "@/words/garbage";

const text = garbage;
const SUBJECT = {};
const TABS: Tab<object>[] = [
  { id: "state", label: text.state.tab, load: () => import("./StateTab"), order: 10 },
  { id: "runs", label: text.runs.tab, load: () => import("./RunsTab"), order: 20 },
  { id: "storage", label: text.storage.tab, load: () => import("./StorageTab"), order: 30 },
];

export default function GarbagePage() {
  return (
    <Page title={text.title} about={text.about}>
      <SubjectTabs label={text.parts} subject={SUBJECT} tabs={TABS} />
    </Page>
  );
}
