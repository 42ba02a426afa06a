// SPDX-License-Identifier: Apache-2.0
import { Badge } from "@mantine/core";
import { retention } from "@/words/retention";
import type { Verdict } from "./queries";

const text = retention.explain;

/** Whether something stays, or goes at the next run. */
export function Fate({ verdict: { fate, with_artifact } }: { verdict: Verdict }) {
  const isKept = fate === "kept";
  return (
    <Badge variant="light" color={isKept ? "teal" : "red"} tt="none">
      {isKept ? text.kept : with_artifact ? text.goesWhole : text.goes}
    </Badge>
  );
}
