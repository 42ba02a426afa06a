// SPDX-License-Identifier: Apache-2.0
import type { Tab } from "@/shell/feature";
import { useMay } from "@/shell/session";
import { Page, SubjectTabs } from "@/ui";
import { words } from "@/words";

const text = words.approvals;

interface Subject {
  isAuditor: boolean;
}

const TABS: Tab<Subject>[] = [
  { id: "waiting", label: text.tabs.waiting, load: () => import("./WaitingTab"), order: 10 },
  { id: "mine", label: text.tabs.mine, load: () => import("./MineTab"), order: 20 },
  { id: "all", label: text.tabs.all, load: () => import("./AllTab"), order: 30, isFor: isAuditor },
  { id: "rules", label: text.tabs.rules, load: () => import("./RulesTab"), order: 40, isFor: isAuditor },
];

/** What takes two people: what waits, what was asked for, and the rules. */
export default function ApprovalsPage() {
  const subject = { isAuditor: useMay("read-audit") };
  const tabs = TABS.filter((tab) => tab.isFor?.(subject) ?? true);
  return (
    <Page title={text.title} about={text.about}>
      <SubjectTabs label={text.parts} subject={subject} tabs={tabs} />
    </Page>
  );
}

function isAuditor(subject: Subject): boolean {
  return subject.isAuditor;
}
