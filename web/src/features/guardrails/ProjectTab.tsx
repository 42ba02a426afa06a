// SPDX-License-Identifier: Apache-2.0
import type { ProjectSubject } from "@/shell/feature";
import { Empty, EndlessTable } from "@/ui";
import { words } from "@/words";
import { COLUMNS } from "./columns";
import { useProjectGuardrails } from "./queries";

const text = words.guardrails;

/** The guardrails that are about something in a project, for those who administer it. */
export default function ProjectTab({ subject: { name } }: { subject: ProjectSubject }) {
  return (
    <EndlessTable
      label={text.title}
      list={useProjectGuardrails(name)}
      columns={COLUMNS}
      keyOf={(guardrail) => guardrail.name}
      empty={<Empty title={text.noneInProject} text={text.noneInProjectHint} />}
    />
  );
}
