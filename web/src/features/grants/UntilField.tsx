// SPDX-License-Identifier: Apache-2.0
import { NativeSelect, TextInput } from "@mantine/core";
import { words } from "@/words";
import { type Choice, type End, momentOf } from "./ends";

const text = words.grants.until;
const USUAL = ["never", "7", "30", "90", "date"] as const;

interface Properties {
  value: End;
  onChange: (value: End) => void;
  /** Whether it may stay as it is. */
  mayKeep?: boolean;
}

/** Asks when a role ends by itself. */
export function UntilField({ value, onChange, mayKeep = false }: Properties) {
  const choices: readonly Choice[] = mayKeep ? ["kept", ...USUAL] : USUAL;
  const isPast = value.date !== "" && momentOf(value, new Date()) === undefined;
  return (
    <>
      <NativeSelect
        label={text.label}
        description={text.rule}
        value={value.choice}
        onChange={(event) => onChange({ choice: event.currentTarget.value as Choice, date: "" })}
        data={choices.map((choice) => ({ value: choice, label: text.choices[choice] }))}
      />
      {value.choice === "date" && (
        <TextInput
          type="date"
          label={text.date}
          description={text.dateRule}
          error={isPast ? text.datePast : undefined}
          value={value.date}
          onChange={(event) => onChange({ choice: "date", date: event.currentTarget.value })}
          required
        />
      )}
    </>
  );
}
