// SPDX-License-Identifier: Apache-2.0
import { Alert, Stack } from "@mantine/core";
import { lazy, Suspense, useMemo } from "react";
import type { ConsoleFeature } from "@/shell/feature";
import { tabsOf } from "@/shell/mounted";
import type { Session } from "@/shell/session";
import { Loading } from "@/ui";
import { words } from "@/words";

const text = words.sessions.logIn.enrolment;

/** An account that has to have a second factor sets one up here, before anything else. */
export function EnrolmentStep({
  session,
  features,
}: {
  session: Session;
  features: readonly ConsoleFeature[];
}) {
  const subject = useMemo(() => ({ name: session.user }), [session.user]);
  const tab = tabsOf(features, "profileTabs", subject).find(({ id }) => id === "second-factors");
  const Content = useMemo(() => (tab ? lazy(tab.load) : null), [tab]);
  return (
    <Stack>
      <Alert color="yellow" title={text.title}>
        {text.why}
      </Alert>
      <Suspense fallback={<Loading />}>{Content && <Content subject={subject} />}</Suspense>
    </Stack>
  );
}
