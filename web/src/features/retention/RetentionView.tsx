// SPDX-License-Identifier: Apache-2.0
import { SegmentedControl, Stack } from "@mantine/core";
import { useState } from "react";
import { useInAddress } from "@/ui";
import { retention as text } from "@/words/retention";
import { type Draft, draftOf, withRules } from "./drafts";
import { Editor } from "./Editor";
import { ExplainPanel } from "./ExplainPanel";
import { PlanPanel } from "./PlanPanel";
import { PlansPanel } from "./PlansPanel";
import { PolicyPanel } from "./PolicyPanel";
import type { Policy, Rule } from "./queries";
import type { Scope } from "./scope";

interface Properties {
  scope: Scope;
  /** Whether the viewer sees rules and plans. */
  mayRead: boolean;
  mayChange: boolean;
}

const VIEWS = ["policy", "plans", "explain"] as const;
type View = (typeof VIEWS)[number];

interface Editing {
  /** What was set when editing began. */
  shown: Policy | null;
  draft: Draft;
}

/** Rules, plans, and what becomes of each tag: of the registry, a project or a repository. */
export function RetentionView({ scope, mayRead, mayChange }: Properties) {
  const [inAddress, put] = useInAddress("view");
  const [plan] = useInAddress("plan");
  const [editing, edit] = useState<Editing>();
  const isRepository = scope.level === "repository";
  const views = VIEWS.filter((each) => (each === "explain" ? isRepository : mayRead));
  const view = views.find((each) => each === inAddress) ?? views[0];
  const begin = (shown: Policy | null, added: readonly Rule[] = [], cron = "") => {
    const draft = draftOf(shown);
    edit({ shown, draft: { ...draft, rules: withRules(draft.rules, added), cron: draft.cron || cron } });
  };
  return (
    <Stack>
      {views.length > 1 && !editing && (
        <SegmentedControl
          aria-label={text.views.label}
          data={views.map((value) => ({ value, label: text.views[value] }))}
          value={view}
          onChange={(value) => put(value === views[0] ? "" : value)}
          style={{ alignSelf: "flex-start", maxWidth: "100%" }}
        />
      )}
      {editing ? (
        <Editor
          key={editing.shown?.changed_at}
          scope={scope}
          shown={editing.shown}
          start={editing.draft}
          onTheirs={(theirs) => edit({ shown: theirs, draft: draftOf(theirs) })}
          onEnd={() => edit(undefined)}
        />
      ) : (
        <Shown view={view} scope={scope} mayChange={mayChange} plan={plan} onEdit={begin} />
      )}
    </Stack>
  );
}

interface ShownProperties {
  view: View | undefined;
  scope: Scope;
  mayChange: boolean;
  plan: string;
  onEdit: (shown: Policy | null, added?: readonly Rule[], cron?: string) => void;
}

function Shown({ view, scope, mayChange, plan, onEdit }: ShownProperties) {
  if (view === "explain") return <ExplainPanel repository={scope.name} />;
  if (view !== "plans") return <PolicyPanel scope={scope} mayChange={mayChange} onEdit={onEdit} />;
  if (plan) return <PlanPanel key={plan} scope={scope} id={plan} mayChange={mayChange} />;
  return <PlansPanel scope={scope} mayChange={mayChange} />;
}
