// SPDX-License-Identifier: Apache-2.0
import { Anchor, Switch, TextInput } from "@mantine/core";
import { useState } from "react";
import { DialogForm, tellRefused } from "@/ui";
import { notifications } from "@/words/notifications";
import { type Rule, useAdministration } from "./administration";

const text = notifications.administration;
const GIBIBYTE = 1024 ** 3;

/** Changes from where on people are told; the server says what a rule cannot be. */
export function RuleForm({ rule, onClose }: { rule: Rule; onClose: () => void }) {
  const [isEnabled, setEnabled] = useState(rule.is_enabled);
  const [levels, setLevels] = useState(rule.levels.join(", "));
  const [minutes, setMinutes] = useState(String(rule.window_minutes));
  const [size, setSize] = useState(rule.capacity_bytes ? String(rule.capacity_bytes / GIBIBYTE) : "");
  const { change, reset } = useAdministration();
  const wanted = levels.split(/[\s,]+/).filter(Boolean);
  const save = () =>
    change(rule.name, {
      is_enabled: isEnabled,
      levels: wanted.map(Number),
      window_minutes: Number(minutes) || 0,
      capacity_bytes: size ? Math.round(Number(size) * GIBIBYTE) : null,
      revision: rule.revision,
    });
  const backToFirst = () =>
    void reset(rule.name)
      .then(onClose)
      .catch((error) => tellRefused(error, text.reset));
  return (
    <DialogForm
      act={text.save}
      isReady={wanted.length > 0 && wanted.every((each) => Number.isInteger(Number(each)))}
      run={save}
      onDone={onClose}
      onCancel={onClose}
    >
      <Switch
        label={rule.about}
        checked={isEnabled}
        onChange={(event) => setEnabled(event.currentTarget.checked)}
      />
      <TextInput
        label={text.levels(rule.unit)}
        description={text.levelsRule}
        value={levels}
        onChange={(event) => setLevels(event.currentTarget.value)}
        inputMode="numeric"
        data-autofocus
      />
      {rule.window_minutes > 0 && (
        <TextInput
          label={text.window}
          type="number"
          min={1}
          value={minutes}
          onChange={(event) => setMinutes(event.currentTarget.value)}
        />
      )}
      {rule.name === "storage" && (
        <TextInput
          label={text.size}
          description={text.sizeRule}
          type="number"
          min={0}
          step="any"
          value={size}
          onChange={(event) => setSize(event.currentTarget.value)}
        />
      )}
      {rule.changed_at && (
        <Anchor component="button" type="button" size="sm" ta="left" onClick={backToFirst} w="max-content">
          {text.reset}
        </Anchor>
      )}
    </DialogForm>
  );
}
