// SPDX-License-Identifier: Apache-2.0
import type { RepositorySubject } from "@/shell/feature";
import { Described } from "./Described";

export default function RepositoryTab({ subject: { name, may } }: { subject: RepositorySubject }) {
  return <Described place={{ kind: "repository", name }} mayChange={may.includes("admin")} />;
}
