// SPDX-License-Identifier: Apache-2.0
import { ActionIcon } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconTrash } from "@tabler/icons-react";
import { answer, api } from "@/api";
import { Confirm, nameOf, SYSTEM } from "@/ui";
import { words } from "@/words";
import { type Grant, useRefresh } from "./queries";

const text = words.grants.take;

export function TakeGrant({ grant }: { grant: Grant }) {
  const [isOpen, { open, close }] = useDisclosure();
  const refresh = useRefresh();
  const { principal, path_pattern, role, tag_pattern } = grant;
  const name = nameOf(principal);
  const on = tag_pattern ? `${path_pattern}:${tag_pattern}` : path_pattern;
  const place = path_pattern === SYSTEM ? words.grants.registryInText : on;
  const run = async () => {
    const query = { principal, path_pattern, role, tag_pattern };
    await answer(api.DELETE("/api/v1/grants", { params: { query } }));
    refresh();
  };
  return (
    <>
      <ActionIcon variant="subtle" color="gray" onClick={open} aria-label={text.label(name, place)}>
        <IconTrash size={16} />
      </ActionIcon>
      <Confirm
        title={text.title}
        text={text.text(name, role, place)}
        act={text.act}
        isOpen={isOpen}
        onClose={close}
        run={run}
      />
    </>
  );
}
