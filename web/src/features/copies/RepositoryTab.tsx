// SPDX-License-Identifier: Apache-2.0
import type { RepositorySubject } from "@/shell/feature";
import { CopyTable } from "./CopyTable";

/** The copies from and into a repository. */
export default function RepositoryTab({ subject: { name } }: { subject: RepositorySubject }) {
  return <CopyTable repository={name} />;
}
