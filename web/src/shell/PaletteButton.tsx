// SPDX-License-Identifier: Apache-2.0
/** What opens the command palette: a button, Ctrl-K and the slash. The palette itself is loaded when it is first asked for. */

import { Button, Kbd, Text } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { lazy, Suspense, useState } from "react";
import { words } from "@/words";

const Palette = lazy(() => import("./Palette"));

export function PaletteButton() {
  const [asked, setAsked] = useState(0);
  const ask = () => setAsked((times) => times + 1);
  useHotkeys([
    ["mod + K", ask],
    ["/", ask],
  ]);
  return (
    <>
      <Button
        variant="default"
        size="xs"
        leftSection={<IconSearch size={14} />}
        rightSection={
          <Kbd size="xs" visibleFrom="sm">
            {words.shell.searchShortcut}
          </Kbd>
        }
        onClick={ask}
      >
        <Text size="xs">{words.shell.search}</Text>
      </Button>
      <Suspense>{asked > 0 && <Palette asked={asked} />}</Suspense>
    </>
  );
}
