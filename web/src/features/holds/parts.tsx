// SPDX-License-Identifier: Apache-2.0
import { Badge } from "@mantine/core";
import { Until } from "@/ui";
import { holds as text } from "@/words/holds";
import type { Hold, Kind } from "./queries";

export function KindBadge({ kind }: { kind: Kind }) {
  return (
    <Badge variant="light" color={kind === "legal" ? "red" : "orange"} tt="none" miw="max-content">
      {text.kinds[kind].label}
    </Badge>
  );
}

/** Until when a hold counts, or how it ended. */
export function Ending({ hold }: { hold: Hold }) {
  if (hold.release_reason !== null) return text.released(hold.release_reason);
  if (!hold.is_in_force) return text.ended;
  if (hold.expires_at === null) return text.without;
  return (
    <>
      {text.ends} <Until at={hold.expires_at} />
    </>
  );
}
