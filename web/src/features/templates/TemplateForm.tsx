// SPDX-License-Identifier: Apache-2.0
import { Button, Fieldset, NativeSelect, Stack, TextInput } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { Choice, DialogForm } from "@/ui";
import { words } from "@/words";
import {
  type Draft,
  type DraftGrant,
  draftOf,
  isTemplateName,
  isWhole,
  MOST_GRANTS,
  oneMore,
  UNSAID,
  wantedOf,
} from "./drafts";
import { GrantFields } from "./GrantFields";
import { putTemplate, type Template, useIsTaken, useRefresh } from "./queries";

const text = words.templates.form;
const VISIBILITIES = [UNSAID, "internal", "public"] as const;

interface Properties {
  /** Whose it is, empty for the registry. Those of a project are for its repositories. */
  project: string;
  template?: Template;
  onEnd: () => void;
}

/** Asks for a template, or for what one is to say from now on. */
export function TemplateForm({ project, template, onEnd }: Properties) {
  const [draft, setDraft] = useState(() => draftOf(template, project));
  const isTaken = useIsTaken(project, draft.name) && !template;
  const refresh = useRefresh();
  const change = (changed: Partial<Draft>) => setDraft({ ...draft, ...changed });
  const isProject = draft.purpose === "project";
  const done = () => {
    refresh();
    onEnd();
  };
  return (
    <DialogForm
      act={text.act}
      isReady={isWhole(draft) && !isTaken}
      run={() => putTemplate(project, draft.name, wantedOf(draft))}
      onDone={done}
      onCancel={onEnd}
    >
      {!template && <NameField value={draft.name} isTaken={isTaken} onChange={(name) => change({ name })} />}
      {!project && (
        <Choice
          label={text.purpose}
          options={words.templates.purposes}
          value={draft.purpose}
          onChange={(purpose) => change({ purpose })}
        />
      )}
      <TextInput
        label={text.pattern}
        description={project ? text.patternRuleIn(project) : text.patternRules[draft.purpose]}
        value={draft.pattern}
        onChange={(event) => change({ pattern: event.currentTarget.value })}
        autoComplete="off"
        spellCheck={false}
        required
      />
      {isProject && (
        <NativeSelect
          label={text.visibility}
          value={draft.visibility}
          onChange={(event) => change({ visibility: event.currentTarget.value as Draft["visibility"] })}
          data={VISIBILITIES.map((each) => ({
            value: each,
            label: each === UNSAID ? text.unsaid : words.templates.visible[each],
          }))}
        />
      )}
      <GrantList grants={draft.grants} isProject={isProject} onChange={(grants) => change({ grants })} />
    </DialogForm>
  );
}

interface NameProperties {
  value: string;
  isTaken: boolean;
  onChange: (name: string) => void;
}

function NameField({ value, isTaken, onChange }: NameProperties) {
  const wrong = value && !isTemplateName(value) ? text.nameInvalid : undefined;
  return (
    <TextInput
      label={text.name}
      description={text.nameRule}
      error={isTaken ? text.nameTaken : wrong}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      autoComplete="off"
      spellCheck={false}
      required
      data-autofocus
    />
  );
}

interface ListProperties {
  grants: DraftGrant[];
  isProject: boolean;
  onChange: (grants: DraftGrant[]) => void;
}

function GrantList({ grants, isProject, onChange }: ListProperties) {
  return (
    <Fieldset legend={text.grants}>
      <Stack gap="sm">
        {grants.map((grant, index) => (
          <GrantFields
            key={grant.id}
            grant={grant}
            position={index + 1}
            isProject={isProject}
            onChange={(changed) => onChange(grants.map((each) => (each === grant ? changed : each)))}
            onRemove={() => onChange(grants.filter((each) => each !== grant))}
          />
        ))}
        {grants.length < MOST_GRANTS && (
          <Button
            variant="default"
            leftSection={<IconPlus size={16} />}
            onClick={() => onChange([...grants, oneMore(grants)])}
          >
            {text.addGrant}
          </Button>
        )}
      </Stack>
    </Fieldset>
  );
}
