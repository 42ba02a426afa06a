// SPDX-License-Identifier: Apache-2.0
/** The whole console: providers around the shell, which waits for what the server tells about itself and the session. */

import { MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { useMemo } from "react";
import { Failure, Loading } from "@/ui";
import type { ConsoleFeature } from "./feature";
import { useGuide } from "./guide";
import { MountedFeatures, mounted } from "./mounted";
import { styleNonce } from "./nonce";
import { createQueries } from "./queries";
import { createConsoleRouter } from "./router";
import { useNoticeEnd, useSession } from "./session";
import { legible, theme } from "./theme";

const queries = createQueries();

export function Console({ features }: { features: readonly ConsoleFeature[] }) {
  return (
    <MantineProvider
      theme={theme}
      defaultColorScheme="auto"
      cssVariablesResolver={legible}
      getStyleNonce={styleNonce}
    >
      <QueryClientProvider client={queries}>
        <Notifications position="bottom-right" />
        <Mounting features={features} />
      </QueryClientProvider>
    </MantineProvider>
  );
}

function Mounting({ features }: { features: readonly ConsoleFeature[] }) {
  const guide = useGuide();
  const session = useSession();
  useNoticeEnd();
  const served = guide.data?.features.join(" ");
  const shown = useMemo(
    () => (served === undefined ? [] : mounted(features, served.split(" "))),
    [features, served],
  );
  const router = useMemo(() => createConsoleRouter(shown), [shown]);
  if (guide.isError) return <Failure error={guide.error} retry={() => void guide.refetch()} />;
  if (session.isError) return <Failure error={session.error} retry={() => void session.refetch()} />;
  if (guide.isPending || session.isPending) return <Loading />;
  return (
    <MountedFeatures value={shown}>
      <RouterProvider router={router} />
    </MountedFeatures>
  );
}
