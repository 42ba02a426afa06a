// SPDX-License-Identifier: Apache-2.0
import { useMemo } from "react";
import { tabsOf, useFeatures } from "@/shell/mounted";
import { useViewer } from "@/shell/session";
import { Page, SubjectTabs } from "@/ui";
import { words } from "@/words";

const text = words.sessions.profile;

export default function ProfilePage() {
  const name = useViewer()?.name ?? "";
  const features = useFeatures();
  const subject = useMemo(() => ({ name }), [name]);
  return (
    <Page title={text.title} about={text.about(name)}>
      <SubjectTabs label={text.tabs} subject={subject} tabs={tabsOf(features, "profileTabs", subject)} />
    </Page>
  );
}
