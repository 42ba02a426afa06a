// SPDX-License-Identifier: Apache-2.0
import { Select, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { Dialog, DialogForm } from "@/ui";
import { notifications } from "@/words/notifications";
import { type NotificationKind, useActs, useKinds } from "./queries";

const text = notifications.mutes;
const HOUR_MS = 3_600_000;
const SPANS_MS = {
  hour: HOUR_MS,
  day: 24 * HOUR_MS,
  week: 7 * 24 * HOUR_MS,
  month: 30 * 24 * HOUR_MS,
  ever: 0,
};

type Span = keyof typeof SPANS_MS;

/** What the fields say at first. */
export interface Proposed {
  kind?: string;
  project?: string;
  repository?: string;
}

interface Properties {
  /** Null for a dialog that is not open. */
  proposed: Proposed | null;
  onClose: () => void;
}

/** Asks what is muted, and for how long. */
export function MuteDialog({ proposed, onClose }: Properties) {
  const kinds = useKinds();
  const known = kinds.data;
  return (
    <Dialog title={text.add} isOpen={proposed !== null} onClose={onClose}>
      {proposed && known && <MuteForm proposed={proposed} kinds={known} onClose={onClose} />}
    </Dialog>
  );
}

function MuteForm({
  proposed,
  kinds,
  onClose,
}: {
  proposed: Proposed;
  kinds: NotificationKind[];
  onClose: () => void;
}) {
  const [kind, setKind] = useState(proposed.kind ?? "");
  const [project, setProject] = useState(proposed.project ?? "");
  const [repository, setRepository] = useState(proposed.repository ?? "");
  const [span, setSpan] = useState<Span>("ever");
  const { mute } = useActs();
  const send = () => {
    const until = span === "ever" ? null : new Date(Date.now() + SPANS_MS[span]).toISOString();
    return mute({ kind, project: project.trim(), repository: repository.trim(), until });
  };
  return (
    <DialogForm
      act={text.act}
      isReady={Boolean(kind || project.trim() || repository.trim())}
      run={send}
      onDone={onClose}
      onCancel={onClose}
    >
      <Text c="dimmed" size="sm">
        {text.fields}
      </Text>
      <Select
        label={text.kind}
        placeholder={text.anyKind}
        data={kinds
          .filter((each) => !each.is_essential)
          .map(({ name, about }) => ({ value: name, label: about }))}
        value={kind || null}
        onChange={(chosen) => setKind(chosen ?? "")}
        clearable
      />
      <TextInput
        label={text.project}
        placeholder={text.anyProject}
        value={project}
        onChange={(event) => setProject(event.currentTarget.value)}
      />
      <TextInput
        label={text.repository}
        placeholder={text.anyRepository}
        value={repository}
        onChange={(event) => setRepository(event.currentTarget.value)}
      />
      <Select
        label={text.span}
        data={(Object.keys(SPANS_MS) as Span[]).map((value) => ({ value, label: text.spans[value] }))}
        value={span}
        allowDeselect={false}
        onChange={(chosen) => setSpan(chosen as Span)}
      />
    </DialogForm>
  );
}
