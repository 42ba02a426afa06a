// SPDX-License-Identifier: Apache-2.0
import { Badge } from "@mantine/core";
import { retention } from "@/words/retention";
import type { Plan } from "./queries";

const text = retention.plans.states;

const COLORS = {
  planning: "blue",
  planned: "teal",
  held: "orange",
  running: "blue",
  done: "gray",
  refused: "red",
  failed: "red",
} as const;

/** How far a plan is; one that waits for a person says so. */
export function PlanState({ plan: { state, reason } }: { plan: Plan }) {
  const shown = state === "planned" && reason ? "held" : state;
  return (
    <Badge variant="light" color={COLORS[shown]} tt="none">
      {text[shown]}
    </Badge>
  );
}
