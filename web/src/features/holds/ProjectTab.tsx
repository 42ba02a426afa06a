// SPDX-License-Identifier: Apache-2.0
import type { ProjectSubject } from "@/shell/feature";
import { holds } from "@/words/holds";
import { HoldTable } from "./HoldTable";
import { useHoldsOfProject } from "./queries";

/** The holds of a project. */
export default function ProjectTab({ subject: { name } }: { subject: ProjectSubject }) {
  return <HoldTable list={useHoldsOfProject(name)} about={holds.aboutProject} />;
}
