// SPDX-License-Identifier: Apache-2.0
import type { Tab } from "@/shell/feature";
import { tabsOf, useFeatures } from "@/shell/mounted";
import { Page, SubjectTabs } from "@/ui";
import { words } from "@/words";

const text = words.system;
const SUBJECT = {};
const TABS: Tab<object>[] = [
  { id: "about", label: text.facts.tab, load: () => import("./FactsTab"), order: 10 },
  { id: "nodes", label: text.nodes.tab, load: () => import("./NodesTab"), order: 20 },
  { id: "keys", label: text.keys.tab, load: () => import("./KeysTab"), order: 30 },
];

export default function SystemPage() {
  const features = useFeatures();
  const tabs = [...TABS, ...tabsOf(features, "systemTabs", SUBJECT)];
  return (
    <Page title={text.title} about={text.about}>
      <SubjectTabs
        label={text.parts}
        subject={SUBJECT}
        tabs={tabs.sort((one, other) => one.order - other.order)}
      />
    </Page>
  );
}
