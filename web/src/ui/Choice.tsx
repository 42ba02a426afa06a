// SPDX-License-Identifier: Apache-2.0
import { Radio, Stack } from "@mantine/core";

interface Properties<Value extends string> {
  label: string;
  /** Each of what can be chosen, with what it means. */
  options: Record<Value, { label: string; description: string }>;
  value: Value;
  onChange: (value: Value) => void;
}

/** One of a few, each explained. */
export function Choice<Value extends string>({ label, options, value, onChange }: Properties<Value>) {
  const entries = Object.entries(options) as [Value, { label: string; description: string }][];
  return (
    <Radio.Group label={label} value={value} onChange={(chosen) => onChange(chosen as Value)}>
      <Stack gap="xs" mt="xs">
        {entries.map(([key, option]) => (
          <Radio key={key} value={key} label={option.label} description={option.description} />
        ))}
      </Stack>
    </Radio.Group>
  );
}
