// SPDX-License-Identifier: Apache-2.0
import { ActionIcon } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconTrash } from "@tabler/icons-react";
import { answer, api } from "@/api";
import { Confirm } from "@/ui";
import { words } from "@/words";
import { type Grant, type Role, useRefresh } from "./queries";

const text = words.grants.take;

export function TakeGrant({ grant }: { grant: Grant }) {
  const [isOpen, { open, close }] = useDisclosure();
  const refresh = useRefresh();
  const { principal, path_pattern, role } = grant;
  const name = principal.slice(principal.indexOf(":") + 1);
  const run = async () => {
    const query = { principal, path_pattern, role: role as Role };
    await answer(api.DELETE("/api/v1/grants", { params: { query } }));
    refresh();
  };
  return (
    <>
      <ActionIcon variant="subtle" color="gray" onClick={open} aria-label={text.label(name, path_pattern)}>
        <IconTrash size={16} />
      </ActionIcon>
      <Confirm
        title={text.title}
        text={text.text(name, role, path_pattern)}
        act={text.act}
        isOpen={isOpen}
        onClose={close}
        run={run}
      />
    </>
  );
}
