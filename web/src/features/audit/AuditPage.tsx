// SPDX-License-Identifier: Apache-2.0
import type { Tab } from "@/shell/feature";
import { Page, SubjectTabs } from "@/ui";
import { audit } from "@/words/audit";

const text = audit;
const SUBJECT = {};
const TABS: Tab<object>[] = [
  { id: "records", label: text.search.tab, load: () => import("./RecordsTab"), order: 10 },
  { id: "standing", label: text.standing.tab, load: () => import("./StandingTab"), order: 20 },
  { id: "holds", label: text.holds.tab, load: () => import("./HoldsTab"), order: 30 },
];

export default function AuditPage() {
  return (
    <Page title={text.title} about={text.about}>
      <SubjectTabs label={text.parts} subject={SUBJECT} tabs={TABS} />
    </Page>
  );
}
