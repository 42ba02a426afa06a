// SPDX-License-Identifier: Apache-2.0
import { Alert } from "@mantine/core";
import { IconLock } from "@tabler/icons-react";
import { words } from "@/words";
import { useMode } from "./mode";

/** Says above every page that not everything goes on, and why; nothing while everything does. */
export function ModeBanner() {
  const { data } = useMode();
  if (!data || data.mode === "rw") return null;
  return (
    <Alert
      color="yellow"
      icon={<IconLock size={18} />}
      title={words.modes.banner[data.mode]}
      role="status"
      mb="md"
    >
      {data.reason}
    </Alert>
  );
}
