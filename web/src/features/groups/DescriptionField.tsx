// SPDX-License-Identifier: Apache-2.0
import { TextInput, type TextInputProps } from "@mantine/core";
import { words } from "@/words";

const text = words.groups.creation;
const LONGEST = 1000;

interface Properties extends Omit<TextInputProps, "value" | "onChange"> {
  value: string;
  onChange: (value: string) => void;
}

/** Asks what a group is for. */
export function DescriptionField({ onChange, ...rest }: Properties) {
  return (
    <TextInput
      label={text.description}
      description={text.descriptionRule}
      onChange={(event) => onChange(event.currentTarget.value)}
      maxLength={LONGEST}
      autoComplete="off"
      {...rest}
    />
  );
}
