// SPDX-License-Identifier: Apache-2.0
import { MultiSelect, TextInput } from "@mantine/core";
import { useState } from "react";
import { DialogForm } from "@/ui";
import { words } from "@/words";
import { naming } from "@/words/naming";
import { type ArtifactType, type Draft, draftOf, isWhole, wantedOf } from "./drafts";
import type { Rule } from "./queries";
import { Unfit } from "./Unfit";

const text = naming.form;
const MAX_DESCRIPTION_CHARACTERS = 200;
const { pending: _, ...TYPES } = words.artifacts.types;
const FIELDS = ["repositories", "tags", "names"] as const;

interface Properties {
  project: string;
  rule?: Rule | undefined;
  save: (rule: Rule) => Promise<unknown>;
  onEnd: () => void;
}

/** Asks what a rule allows, and shows meanwhile what is there that it would not. */
export function RuleForm({ project, rule, save, onEnd }: Properties) {
  const [draft, setDraft] = useState(() => draftOf(rule, project));
  const change = (changed: Partial<Draft>) => setDraft({ ...draft, ...changed });
  return (
    <DialogForm
      act={text.act}
      isReady={isWhole(draft)}
      run={() => save(wantedOf(draft))}
      onDone={onEnd}
      onCancel={onEnd}
    >
      {FIELDS.map((field) => (
        <TextInput
          key={field}
          label={text[field].label}
          description={text[field].description}
          value={draft[field]}
          onChange={(event) => change({ [field]: event.currentTarget.value })}
          autoComplete="off"
          spellCheck={false}
          required={field === "repositories"}
          data-autofocus={field === "tags" || undefined}
        />
      ))}
      <MultiSelect
        label={text.types.label}
        description={text.types.description}
        data={Object.entries(TYPES).map(([value, label]) => ({ value, label }))}
        value={draft.types}
        onChange={(types) => change({ types: types as ArtifactType[] })}
        comboboxProps={{ withinPortal: false }}
        clearable
        clearButtonProps={{ "aria-label": words.ui.clear }}
      />
      <TextInput
        label={text.description.label}
        description={text.description.description}
        value={draft.description}
        maxLength={MAX_DESCRIPTION_CHARACTERS}
        onChange={(event) => change({ description: event.currentTarget.value })}
      />
      {isWhole(draft) && <Unfit project={project} rule={wantedOf(draft)} />}
    </DialogForm>
  );
}
