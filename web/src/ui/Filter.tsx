// SPDX-License-Identifier: Apache-2.0
import { CloseButton, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import { words } from "@/words";
import { useInAddress } from "./inAddress";

const WAIT_MS = 200;

/** A field whose text is kept in the address, for a list that is filtered by it (`useInAddress(name)`). */
export function Filter({ label, name = "filter" }: { label: string; name?: string }) {
  const [inAddress, put] = useInAddress(name);
  const [typed, setTyped] = useState(inAddress);
  const [seen, setSeen] = useState(inAddress);
  const later = useDebouncedCallback(put, WAIT_MS);
  if (seen !== inAddress) {
    setSeen(inAddress);
    if (!later.isPending()) setTyped(inAddress);
  }
  const take = (text: string) => {
    setTyped(text);
    later(text);
  };
  return (
    <TextInput
      aria-label={label}
      placeholder={label}
      leftSection={<IconSearch size={16} />}
      rightSection={typed && <CloseButton size="sm" aria-label={words.ui.clear} onClick={() => take("")} />}
      value={typed}
      onChange={(event) => take(event.currentTarget.value)}
      maw={360}
    />
  );
}
