// SPDX-License-Identifier: Apache-2.0
import { Alert, Button, Group, Stack, Text, Title } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { Problem } from "@/api";
import { nameOf, Refusal } from "@/ui";
import { retention } from "@/words/retention";
import { type Draft, type DraftRule, draftOf, isSame, isWhole, ruleOf, termsOf } from "./drafts";
import { EditorPreview } from "./EditorPreview";
import { EditorRules } from "./EditorRules";
import { Leaving } from "./Leaving";
import { ChangedMeanwhile, type Policy, useSetPolicy } from "./queries";
import { placeOf } from "./refused";
import classes from "./retention.module.css";
import { SettingsFields } from "./SettingsFields";
import type { Scope } from "./scope";
import { useTried } from "./Trial";

const text = retention.editor;

interface Properties {
  scope: Scope;
  /** What is set, null for nothing. */
  shown: Policy | null;
  /** What to begin with. */
  start: Draft;
  /** Called with what somebody else has set meanwhile, to go on with that. */
  onTheirs: (theirs: Policy | null) => void;
  onEnd: () => void;
}

/** Edits the policy of a level, with what would go in view. Nothing counts before it is saved. */
export function Editor({ scope, shown, start, onTheirs, onEnd }: Properties) {
  const [draft, setDraft] = useState(start);
  const [open, setOpen] = useState<number>();
  const [isAlone, tryAlone] = useState(false);
  const isChanged = !isSame(draft, draftOf(shown));
  const isReady = isWhole(draft);
  const alone = isAlone ? draft.rules.find(({ id }) => id === open) : undefined;
  const tried = useTried(scope, isReady ? trialOf(draft, alone) : undefined);
  const preview = useRef<HTMLDivElement>(null);
  const set = useSetPolicy(scope);
  const saving = useMutation({
    mutationFn: (before: Policy | null) => set(termsOf(draft), before),
    onSuccess: () => {
      notifications.show({ message: text.saved, color: "teal" });
      onEnd();
    },
  });
  const change = (changed: Partial<Draft>) => {
    saving.reset();
    setDraft((before) => ({ ...before, ...changed }));
  };
  const refused = [saving.error, tried.error].find((error) => error instanceof Problem);
  const place = refused && placeOf(refused, draft.rules);
  const told = refused && place ? { ...place, problem: refused } : undefined;
  return (
    <Stack>
      <Leaving isChanged={isChanged && !saving.isSuccess} />
      <Group justify="space-between">
        <Title order={2} size="h4">
          {text.title(retention.scopes[scope.level](scope.name))}
        </Title>
        <Group gap="xs">
          <Button variant="default" onClick={onEnd} disabled={saving.isPending}>
            {isChanged ? text.discard : retention.rule.close}
          </Button>
          <Button
            onClick={() => saving.mutate(shown)}
            loading={saving.isPending}
            disabled={!isReady || !isChanged}
          >
            {text.save}
          </Button>
        </Group>
      </Group>
      <NotSaved
        error={saving.error}
        isToldThere={told !== undefined}
        onTheirs={onTheirs}
        onMine={saving.mutate}
      />
      <div className={classes.editor}>
        <Stack gap="lg">
          <EditorRules
            rules={draft.rules}
            open={open}
            refused={told}
            onOpen={setOpen}
            onChange={(rules) => change({ rules })}
          />
          <SettingsFields draft={draft} refused={told} onChange={change} />
        </Stack>
        <div className={classes.beside} ref={preview}>
          <EditorPreview
            tried={{ ...tried, error: told ? null : tried.error }}
            isPaused={!isReady || (told !== undefined && tried.error !== null)}
            rule={draft.rules.find(({ id }) => id === open)}
            isAlone={isAlone}
            onAlone={tryAlone}
          />
        </div>
      </div>
      <Button
        className={classes.summary}
        variant="default"
        onClick={() => preview.current?.scrollIntoView({ block: "start" })}
      >
        {isReady && tried.data && !told ? retention.preview.short(tried.data) : retention.preview.title}
      </Button>
      {!isChanged && (
        <Text size="sm" c="dimmed">
          {text.unchanged}
        </Text>
      )}
    </Stack>
  );
}

/** All of the policy in the place of what is set; one rule beside what the policies keep. */
function trialOf({ rules, expiresByLabels }: Draft, alone: DraftRule | undefined) {
  if (alone) return { rules: [{ ...ruleOf(alone), is_enabled: true }] };
  return { rules: rules.map(ruleOf), in_place: true, expires_by_labels: expiresByLabels };
}

interface NotSavedProperties {
  error: Error | null;
  /** Whether the refusal stands at the field that it is about. */
  isToldThere: boolean;
  onTheirs: (theirs: Policy | null) => void;
  onMine: (theirs: Policy | null) => void;
}

function NotSaved({ error, isToldThere, onTheirs, onMine }: NotSavedProperties) {
  if (!(error instanceof ChangedMeanwhile)) return <Refusal error={isToldThere ? null : error} />;
  const { policy } = error;
  return (
    <Alert
      color="orange"
      role="alert"
      title={text.meanwhile(policy ? nameOf(policy.changed_by) : text.somebody)}
    >
      <Stack gap="xs">
        <Text inherit>{text.meanwhileHint}</Text>
        <Group gap="xs">
          <Button size="xs" variant="default" onClick={() => onTheirs(policy)}>
            {text.theirs}
          </Button>
          <Button size="xs" color="red.9" onClick={() => onMine(policy)}>
            {text.mine}
          </Button>
        </Group>
      </Stack>
    </Alert>
  );
}
