// SPDX-License-Identifier: Apache-2.0
import type { ProjectSubject } from "@/shell/feature";
import { naming } from "@/words/naming";
import { RuleList } from "./RuleList";

/** The rules about names in a project, for those who may change its rules. */
export default function ProjectTab({ subject: { name, may } }: { subject: ProjectSubject }) {
  return <RuleList project={name} about={naming.aboutProject} mayChange={may.includes("manage-policy")} />;
}
