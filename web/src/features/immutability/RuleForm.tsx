// SPDX-License-Identifier: Apache-2.0
import { Switch, TextInput } from "@mantine/core";
import { useState } from "react";
import { Choice, DialogForm } from "@/ui";
import { immutability } from "@/words/immutability";
import { type Draft, draftOf, isWhole, wantedOf } from "./drafts";
import { Matches } from "./Matches";
import type { NewRule, Rule } from "./queries";

const text = immutability.form;
const MAX_DESCRIPTION_CHARACTERS = 200;

interface Properties {
  project: string;
  rule?: Rule | undefined;
  save: (rule: NewRule) => Promise<unknown>;
  onEnd: () => void;
}

/** Asks what a rule says, and shows meanwhile what it would be about. */
export function RuleForm({ project, rule, save, onEnd }: Properties) {
  const [draft, setDraft] = useState(() => draftOf(rule, project));
  const change = (changed: Partial<Draft>) => setDraft({ ...draft, ...changed });
  const typed = { autoComplete: "off", spellCheck: false };
  return (
    <DialogForm
      act={text.act}
      isReady={isWhole(draft)}
      run={() => save(wantedOf(draft, rule))}
      onDone={onEnd}
      onCancel={onEnd}
    >
      <TextInput
        {...typed}
        label={text.tags}
        description={text.tagsRule}
        value={draft.tags}
        onChange={(event) => change({ tags: event.currentTarget.value })}
        required
        data-autofocus
      />
      <TextInput
        {...typed}
        label={text.repositories}
        description={text.repositoriesRule}
        value={draft.repositories}
        onChange={(event) => change({ repositories: event.currentTarget.value })}
        required
      />
      <Choice
        label={text.effect}
        options={immutability.effects}
        value={draft.effect}
        onChange={(effect) => change({ effect })}
      />
      <TextInput
        type="date"
        label={text.until}
        description={text.untilRule}
        value={draft.until}
        onChange={(event) => change({ until: event.currentTarget.value })}
      />
      <TextInput
        label={text.description}
        description={text.descriptionRule}
        value={draft.description}
        maxLength={MAX_DESCRIPTION_CHARACTERS}
        onChange={(event) => change({ description: event.currentTarget.value })}
      />
      {!project && (
        <Switch
          label={text.binding}
          checked={draft.isBinding}
          onChange={(event) => change({ isBinding: event.currentTarget.checked })}
        />
      )}
      <Matches project={project} repositories={draft.repositories} tags={draft.tags} />
    </DialogForm>
  );
}
