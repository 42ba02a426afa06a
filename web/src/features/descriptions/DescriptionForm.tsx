// SPDX-License-Identifier: Apache-2.0
import { Button, Group, NativeSelect, Paper, Text, Textarea, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useState } from "react";
import { DialogForm } from "@/ui";
import { Markdown } from "@/ui/Markdown";
import { descriptions } from "@/words/descriptions";
import { markdown } from "@/words/markdown";
import { type Description, type Owner, type Place, useDescribe } from "./queries";

const text = descriptions.form;
const MAX_SUMMARY_CHARACTERS = 200;
const MAX_OWNER_CHARACTERS = 255;

type Kind = Owner["kind"] | "none";

interface Properties {
  place: Place;
  description: Description;
  onEnd: () => void;
}

/** Asks what something is, and whom to ask about it. */
export function DescriptionForm({ place, description, onEnd }: Properties) {
  // What was read when the form was opened: it may be renewed behind it, and is not to be overwritten unseen.
  const [{ revision }] = useState(description);
  const [summary, setSummary] = useState(description.summary);
  const [written, setWritten] = useState(description.text);
  const [kind, setKind] = useState<Kind>(description.owner?.kind ?? "none");
  const [name, setName] = useState(description.owner?.name ?? "");
  const describe = useDescribe(place);
  const owner = kind === "none" ? null : { kind, name: name.trim() };
  return (
    <DialogForm
      act={text.act}
      isReady={owner === null || owner.name !== ""}
      run={() => describe({ summary, text: written, owner, revision })}
      onDone={onEnd}
      onCancel={onEnd}
    >
      <TextInput
        label={text.summary}
        description={text.summaryRule}
        value={summary}
        maxLength={MAX_SUMMARY_CHARACTERS}
        onChange={(event) => setSummary(event.currentTarget.value)}
        data-autofocus
      />
      <Group gap="sm" align="start">
        <NativeSelect
          label={text.ownerKind}
          description={text.ownerRule}
          value={kind}
          onChange={(event) => setKind(event.currentTarget.value as Kind)}
          data={Object.entries(text.kinds).map(([value, label]) => ({ value, label }))}
          flex="1 1 200px"
        />
        {kind !== "none" && (
          <TextInput
            label={text.ownerName[kind]}
            description={"\u00a0"}
            value={name}
            maxLength={MAX_OWNER_CHARACTERS}
            onChange={(event) => setName(event.currentTarget.value)}
            autoComplete="off"
            required
            flex="1 1 200px"
          />
        )}
      </Group>
      <Written value={written} onChange={setWritten} />
    </DialogForm>
  );
}

/** The text, and what it will look like. */
function Written({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const [isLooking, { toggle }] = useDisclosure();
  return (
    <>
      <Textarea
        label={text.text}
        description={text.textRule}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
        autosize
        minRows={6}
        maxRows={18}
        spellCheck
      />
      <div>
        <Button variant="subtle" size="compact-sm" onClick={toggle} aria-expanded={isLooking}>
          {text.look}
        </Button>
      </div>
      {isLooking && (
        <Paper withBorder p="sm" role="region" aria-label={text.look}>
          {value.trim() ? <Markdown text={value} /> : <Text c="dimmed">{markdown.nothing}</Text>}
        </Paper>
      )}
    </>
  );
}
