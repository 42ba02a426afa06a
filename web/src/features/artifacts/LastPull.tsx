// SPDX-License-Identifier: Apache-2.0
import { Text } from "@mantine/core";
import { formatDay, formatMoment, Moment } from "@/ui";
import { words } from "@/words";

const texts = words.artifacts.lastPull;

export interface Pulled {
  last_pulled_at: string | null;
  pulls_known_since: string;
}

/** When a client last used something; where none did, the day since which that is known. */
export function LastPull({ of: { last_pulled_at: at, pulls_known_since: since } }: { of: Pulled }) {
  if (at) return <Moment at={at} />;
  const moment = new Date(since);
  return (
    <Text span inherit c="dimmed" title={texts.notSinceHint(formatMoment(moment))}>
      {texts.notSince(formatDay(moment))}
    </Text>
  );
}
