// SPDX-License-Identifier: Apache-2.0
import { NativeSelect } from "@mantine/core";
import { words } from "@/words";

const text = words.robots.expiry;
const ORDER = ["30", "90", "180", "365", "never"] as const;

export type Expiry = (typeof ORDER)[number];
export const USUAL_EXPIRY: Expiry = "90";

export interface SecretTerms {
  expires_in_days?: number;
  never_expires: boolean;
}

/** The same as the API asks for it. */
export function termsOf(expiry: Expiry): SecretTerms {
  return expiry === "never"
    ? { never_expires: true }
    : { expires_in_days: Number(expiry), never_expires: false };
}

export function ExpiryField({ value, onChange }: { value: Expiry; onChange: (value: Expiry) => void }) {
  return (
    <NativeSelect
      label={text.label}
      description={text.rule}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value as Expiry)}
      data={ORDER.map((choice) => ({ value: choice, label: text.choices[choice] }))}
    />
  );
}
