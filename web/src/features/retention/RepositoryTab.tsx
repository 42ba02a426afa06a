// SPDX-License-Identifier: Apache-2.0
import type { RepositorySubject } from "@/shell/feature";
import { RetentionView } from "./RetentionView";

/** What becomes of the tags of a repository, and its rules for those who may change them. */
export default function RepositoryTab({ subject: { name, may } }: { subject: RepositorySubject }) {
  const mayChange = may.includes("manage-policy");
  return <RetentionView scope={{ level: "repository", name }} mayRead={mayChange} mayChange={mayChange} />;
}
