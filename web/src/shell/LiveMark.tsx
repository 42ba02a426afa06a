// SPDX-License-Identifier: Apache-2.0
import { Box, Tooltip } from "@mantine/core";
import { useLive } from "@/live";
import { words } from "@/words";

/** Tells whether changes arrive by themselves. */
export function LiveMark() {
  const { isConnected, isWanted } = useLive();
  if (!isWanted) return null;
  const label = isConnected ? words.shell.live : words.shell.notLive;
  const hint = isConnected ? words.shell.liveHint : words.shell.notLiveHint;
  return (
    <Tooltip label={hint}>
      <Box component="span" className="live" data-on={isConnected || undefined} role="status">
        <span className="dot" aria-hidden="true" />
        <Box component="span" visibleFrom="md">
          {label}
        </Box>
      </Box>
    </Tooltip>
  );
}
