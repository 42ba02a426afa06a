// SPDX-License-Identifier: Apache-2.0
import type { Tab } from "@/shell/feature";
import { useViewer } from "@/shell/session";
import { Page, SubjectTabs } from "@/ui";
import { words } from "@/words";

const text = words.breakGlass;

interface Viewing {
  may: readonly string[];
}

const TABS: Tab<Viewing>[] = [
  { id: "own", label: text.own.tab, load: () => import("./OwnTab"), order: 10 },
  {
    id: "openings",
    label: text.openings.tab,
    load: () => import("./OpeningsTab"),
    order: 20,
    isFor: ({ may }) => may.includes("read-audit"),
  },
  {
    id: "eligible",
    label: text.eligible.tab,
    load: () => import("./EligibleTab"),
    order: 30,
    isFor: ({ may }) => may.includes("read-accounts"),
  },
];

export default function BreakGlassPage() {
  const subject = { may: useViewer()?.may ?? [] };
  return (
    <Page title={text.title} about={text.about}>
      <SubjectTabs
        label={text.parts}
        subject={subject}
        tabs={TABS.filter((tab) => tab.isFor?.(subject) ?? true)}
      />
    </Page>
  );
}
