// SPDX-License-Identifier: Apache-2.0
import { Button, Group } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconLockPlus } from "@tabler/icons-react";
import { useMemo } from "react";
import type { RepositorySubject } from "@/shell/feature";
import { holds as text } from "@/words/holds";
import { HoldTable } from "./HoldTable";
import { PlaceHold } from "./PlaceHold";
import { type Kind, useHoldsOfRepository } from "./queries";

/** The kinds of holds that somebody may place and release, by what they may do in the repository. */
function kindsOf(may: readonly string[]): Kind[] {
  const kinds: Kind[] = [];
  if (may.includes("hold")) kinds.push("legal");
  if (may.includes("delete")) kinds.push("user");
  return kinds;
}

/** The holds of a repository. */
export default function RepositoryTab({ subject: { name, may } }: { subject: RepositorySubject }) {
  const list = useHoldsOfRepository(name);
  const [isOpen, { open, close }] = useDisclosure();
  const kinds = useMemo(() => kindsOf(may), [may]);
  return (
    <HoldTable list={list} about={text.aboutRepository} isOfOne may={kinds}>
      {kinds.length > 0 && (
        <Group>
          <Button leftSection={<IconLockPlus size={16} />} onClick={open}>
            {text.placeAll}
          </Button>
          <PlaceHold repository={name} digest="" may={kinds} isOpen={isOpen} onClose={close} />
        </Group>
      )}
    </HoldTable>
  );
}
