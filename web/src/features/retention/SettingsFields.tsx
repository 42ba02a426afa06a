// SPDX-License-Identifier: Apache-2.0
import { Alert, NativeSelect, Stack, Switch, TextInput, Title } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useState } from "react";
import { retention } from "@/words/retention";
import { type Draft, isBrake } from "./drafts";
import type { Refused } from "./RuleForm";
import { refusalText } from "./refused";
import { CHOICES, whenOf } from "./schedule";

const text = retention.editor;
const OWN = "own";

interface Properties {
  draft: Draft;
  refused: Refused | undefined;
  onChange: (changed: Partial<Draft>) => void;
}

/** When a policy is carried out, how much it may delete unasked, and whether labels count. */
export function SettingsFields({ draft, refused, onChange }: Properties) {
  return (
    <Stack gap="sm">
      <Title order={3} size="h5">
        {text.settings}
      </Title>
      <ScheduleFields
        cron={draft.cron}
        error={refused?.field === "cron" ? refusalText(refused.problem) : undefined}
        onChange={(cron) => onChange({ cron })}
      />
      <TextInput
        label={text.brake}
        description={text.brakeRule}
        error={isBrake(draft.brakePercent) ? undefined : text.brakeWrong}
        value={draft.brakePercent}
        inputMode="numeric"
        onChange={(event) => onChange({ brakePercent: event.currentTarget.value })}
        maw={360}
      />
      <Switch
        label={text.byLabels}
        checked={draft.expiresByLabels}
        onChange={(event) => onChange({ expiresByLabels: event.currentTarget.checked })}
      />
      {draft.expiresByLabels && (
        <Alert color="orange" icon={<IconAlertTriangle />} role="alert">
          {text.byLabelsWarning}
        </Alert>
      )}
    </Stack>
  );
}

interface ScheduleProperties {
  cron: string;
  error: string | undefined;
  onChange: (cron: string) => void;
}

function ScheduleFields({ cron, error, onChange }: ScheduleProperties) {
  const isCommon = CHOICES.some((each) => each === cron);
  const [isOwn, setOwn] = useState(!isCommon);
  const choose = (value: string) => {
    setOwn(value === OWN);
    if (value !== OWN) onChange(value);
  };
  return (
    <>
      <NativeSelect
        label={text.schedule}
        value={isOwn || !isCommon ? OWN : cron}
        onChange={(event) => choose(event.currentTarget.value)}
        data={[...CHOICES.map((value) => ({ value, label: whenOf(value) })), { value: OWN, label: text.own }]}
        maw={360}
      />
      {(isOwn || !isCommon) && (
        <TextInput
          label={text.cron}
          description={`${text.cronRule} ${whenOf(cron)}.`}
          error={error}
          value={cron}
          onChange={(event) => onChange(event.currentTarget.value)}
          autoComplete="off"
          spellCheck={false}
          maw={360}
        />
      )}
    </>
  );
}
