// SPDX-License-Identifier: Apache-2.0
import { Button, Group, NumberInput, Stack, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Dialog, DialogForm } from "@/ui";
import { quotas as text } from "@/words/quotas";
import { formatSize, parseSize } from "./fill";
import { COUNTED, type Limits, removeQuota, type Subject, setQuota, type Terms } from "./queries";

const MAX_CONTACT_CHARACTERS = 200;

interface Properties {
  subject: Subject;
  /** What counts now, of its own or by default; null for no quota. */
  terms: Terms | null;
  isOwn: boolean;
  revision: number;
}

/** The ways to set a quota and to take it away, for administrators. */
export function QuotaActions(properties: Properties) {
  const { subject, isOwn } = properties;
  const [isSetting, setting] = useDisclosure();
  const [isRemoving, removing] = useDisclosure();
  const queries = useQueryClient();
  const done = (close: () => void) => () => {
    void queries.invalidateQueries({ queryKey: ["quotas"] });
    void queries.invalidateQueries({ queryKey: ["project", subject.name, "quota"] });
    close();
  };
  return (
    <Group gap="sm">
      <Button variant="default" onClick={setting.open}>
        {text.set[subject.kind]}
      </Button>
      {isOwn && (
        <Button variant="default" onClick={removing.open}>
          {text.remove}
        </Button>
      )}
      <Dialog title={text.set[subject.kind]} isOpen={isSetting} onClose={setting.close}>
        <QuotaForm {...properties} onDone={done(setting.close)} onCancel={setting.close} />
      </Dialog>
      <Dialog title={text.remove} isOpen={isRemoving} onClose={removing.close}>
        <DialogForm
          act={text.remove}
          run={() => removeQuota(subject)}
          onDone={done(removing.close)}
          onCancel={removing.close}
        >
          {subject.kind === "default" ? text.removeDefaultHint : text.removeHint}
        </DialogForm>
      </Dialog>
    </Group>
  );
}

function QuotaForm({
  subject,
  terms,
  revision,
  onDone,
  onCancel,
}: Properties & { onDone: () => void; onCancel: () => void }) {
  const [size, setSize] = useState(formatSize(terms?.limits.bytes));
  const [counts, setCounts] = useState<Limits>(terms?.limits ?? {});
  const [thresholds, setThresholds] = useState((terms?.thresholds ?? [80, 95]).join(", "));
  const [contact, setContact] = useState(terms?.contact ?? "");
  const bytes = parseSize(size);
  const warned = parsePercents(thresholds);
  const run = () =>
    setQuota(subject, {
      limits: { ...counts, bytes: bytes ?? null },
      thresholds: warned ?? [],
      contact,
      revision,
    });
  return (
    <DialogForm
      act={text.act}
      isReady={bytes !== undefined && warned !== undefined}
      run={run}
      onDone={onDone}
      onCancel={onCancel}
    >
      <Stack gap="sm">
        <TextInput
          label={text.bytes}
          description={text.bytesHint}
          placeholder={text.unlimited}
          value={size}
          onChange={(event) => setSize(event.currentTarget.value)}
          error={bytes === undefined && text.noSize}
          data-autofocus
        />
        {COUNTED.map((each) => (
          <NumberInput
            key={each}
            label={text[each]}
            placeholder={text.unlimited}
            value={counts[each] ?? ""}
            onChange={(value) => setCounts({ ...counts, [each]: value === "" ? null : Number(value) })}
            min={0}
            allowDecimal={false}
            thousandSeparator=","
          />
        ))}
        <TextInput
          label={text.thresholds}
          description={text.thresholdsHint}
          value={thresholds}
          onChange={(event) => setThresholds(event.currentTarget.value)}
          error={warned === undefined && text.noPercents}
        />
        <TextInput
          label={text.contact}
          description={text.contactHint}
          value={contact}
          onChange={(event) => setContact(event.currentTarget.value)}
          maxLength={MAX_CONTACT_CHARACTERS}
        />
      </Stack>
    </DialogForm>
  );
}

/** Percentages with commas between them; undefined for anything else. */
function parsePercents(given: string): number[] | undefined {
  const found = given
    .split(",")
    .map((each) => each.trim().replace(/\s*%$/, ""))
    .filter((each) => each !== "");
  return found.every((each) => /^\d{1,3}$/.test(each) && Number(each) >= 1 && Number(each) <= 100)
    ? found.map(Number)
    : undefined;
}
