// SPDX-License-Identifier: Apache-2.0
import { Stack, Title } from "@mantine/core";
import { audit } from "@/words/audit";
import classes from "./audit.module.css";
import type { Member } from "./details";

const text = audit.details;

/** What was before and after, side by side; what differs is marked. */
export function Changes({ members }: { members: readonly Member[] }) {
  return (
    <Stack gap={4}>
      <Title order={3} size="h5">
        {text.changes}
      </Title>
      <table className={classes.changes} aria-label={text.changes}>
        <thead>
          <tr>
            <th scope="col">{text.member}</th>
            <th scope="col">{text.before}</th>
            <th scope="col">{text.after}</th>
          </tr>
        </thead>
        <tbody>
          {members.map(({ name, before, after, kind }) => (
            <tr key={name}>
              <th scope="row">{name || text.itself}</th>
              <td>{kind === "same" || before === undefined ? before : <del>{before}</del>}</td>
              <td>{kind === "same" || after === undefined ? after : <ins>{after}</ins>}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Stack>
  );
}
