// SPDX-License-Identifier: Apache-2.0
import type { ProjectSubject } from "@/shell/feature";
import { RetentionView } from "./RetentionView";

/** What is kept of a project and what is deleted, for those who may change its rules. */
export default function ProjectTab({ subject: { name, may } }: { subject: ProjectSubject }) {
  const mayChange = may.includes("manage-policy");
  return <RetentionView scope={{ level: "project", name }} mayRead={mayChange} mayChange={mayChange} />;
}
