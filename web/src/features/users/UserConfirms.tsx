// SPDX-License-Identifier: Apache-2.0
import { Stack, Text } from "@mantine/core";
import { answer, api, type components } from "@/api";
import { Confirm } from "@/ui";
import { words } from "@/words";
import { useRefresh } from "./queries";

const text = words.users;
const ACTS = ["promote", "demote", "disable", "enable", "resetFactors", "remove"] as const;

export type Act = (typeof ACTS)[number];

interface Properties {
  user: string;
  /** Whether the viewer is this user. */
  isViewer: boolean;
  open: Act | null;
  onClose: () => void;
}

/** Asks before what an administrator does to a user. */
export function UserConfirms({ user, isViewer, open, onClose }: Properties) {
  const refresh = useRefresh();
  const run = (act: Act) => async () => {
    await RUN[act](user);
    refresh();
  };
  return ACTS.map((act) => {
    const said = text[act];
    return (
      <Confirm
        key={act}
        title={said.title(user)}
        text={
          <Stack gap="xs">
            <Text inherit>{said.text(user)}</Text>
            {isViewer && "yourself" in said && <Text inherit>{said.yourself}</Text>}
          </Stack>
        }
        act={said.act}
        isHarmless={act === "enable"}
        typed={act === "remove" ? user : undefined}
        isOpen={open === act}
        onClose={onClose}
        run={run(act)}
      />
    );
  });
}

const RUN: Record<Act, (name: string) => Promise<unknown>> = {
  promote: (name) => change(name, { administrator: true }),
  demote: (name) => change(name, { administrator: false }),
  disable: (name) => change(name, { disabled: true }),
  enable: (name) => change(name, { disabled: false }),
  resetFactors: (name) =>
    answer(api.DELETE("/api/v1/users/{name}/second-factors", { params: { path: { name } } })),
  remove: (name) => answer(api.DELETE("/api/v1/users/{name}", { params: { path: { name } } })),
};

function change(name: string, body: components["schemas"]["UserChange"]): Promise<unknown> {
  return answer(api.PATCH("/api/v1/users/{name}", { params: { path: { name } }, body }));
}
