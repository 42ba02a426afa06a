// SPDX-License-Identifier: Apache-2.0
import type { ProjectSubject } from "@/shell/feature";
import { immutability } from "@/words/immutability";
import { RuleList } from "./RuleList";

/** The rules about the tags of a project, for those who may change its rules. */
export default function ProjectTab({ subject: { name, may } }: { subject: ProjectSubject }) {
  return (
    <RuleList project={name} about={immutability.aboutProject} mayChange={may.includes("manage-policy")} />
  );
}
