// SPDX-License-Identifier: Apache-2.0
import { Text } from "@mantine/core";
import { Fact, Facts, formatBytes, formatNumber } from "@/ui";
import { counted } from "@/words";
import { garbage } from "@/words/garbage";
import { type Amounts, type Run, total } from "./queries";

const text = garbage;

/** Objects and bytes in one line. */
export function Amount({ amount: { objects, bytes } }: { amount: { objects: number; bytes: number } }) {
  if (!objects) return <None />;
  return <>{text.amount(counted(objects, text.objects), formatBytes(bytes))}</>;
}

/** The same of all reasons together. */
export function Total({ amounts }: { amounts: Amounts }) {
  return <Amount amount={total(amounts)} />;
}

/** Objects and bytes by why they went, or go. */
export function AmountList({ amounts }: { amounts: Amounts }) {
  const found = Object.entries(amounts) as [keyof typeof text.reasons, { objects: number; bytes: number }][];
  if (!found.length) return <None />;
  return (
    <Facts hasLongNames>
      {found.map(([reason, { objects, bytes }]) => (
        <Fact key={reason} name={text.reasons[reason]}>
          <Amount amount={{ objects, bytes }} />
        </Fact>
      ))}
    </Facts>
  );
}

/** What stays, by what needs it. */
export function KeptList({ kept }: { kept: Run["kept"] }) {
  const found = Object.entries(kept) as [keyof typeof text.holders, number][];
  if (!found.length) return <None />;
  return (
    <Facts hasLongNames>
      {found.map(([holder, count]) => (
        <Fact key={holder} name={text.holders[holder]}>
          {formatNumber(count)}
        </Fact>
      ))}
    </Facts>
  );
}

/** Says that there is nothing. */
export function None() {
  return (
    <Text span inherit c="dimmed">
      {text.nothing}
    </Text>
  );
}
