// SPDX-License-Identifier: Apache-2.0
import type { Tab } from "@/shell/feature";
import { Page, SubjectTabs } from "@/ui";
import { promotions as text } from "@/words/promotions";

const TABS: Tab<object>[] = [
  { id: "waiting", label: text.tabs.waiting, load: () => import("./WaitingTab"), order: 10 },
  { id: "all", label: text.tabs.all, load: () => import("./AllTab"), order: 20 },
  { id: "paths", label: text.tabs.paths, load: () => import("./PathsTab"), order: 30 },
];

/** Releases on their way: what waits for the viewer, all that they may see, and the paths. */
export default function PromotionsPage() {
  return (
    <Page title={text.title} about={text.about}>
      <SubjectTabs label={text.parts} subject={{}} tabs={TABS} />
    </Page>
  );
}
