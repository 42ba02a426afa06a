// SPDX-License-Identifier: Apache-2.0
import { Textarea } from "@mantine/core";
import { words } from "@/words";

const text = words.ui.addresses;

interface Properties {
  value: string;
  onChange: (value: string) => void;
}

/** Asks for the addresses and networks that something is good from. */
export function AddressesField({ value, onChange }: Properties) {
  return (
    <Textarea
      label={text.label}
      description={text.rule}
      placeholder={text.example}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      autosize
      minRows={2}
      maxRows={8}
      autoComplete="off"
      spellCheck={false}
    />
  );
}

/** What was typed, one by one. */
export function addressesIn(typed: string): string[] {
  return typed.split(/[\s,]+/).filter(Boolean);
}
