// SPDX-License-Identifier: Apache-2.0
import type { ProjectSubject } from "@/shell/feature";
import { Described } from "./Described";

export default function ProjectTab({ subject: { name, may } }: { subject: ProjectSubject }) {
  return <Described place={{ kind: "project", name }} mayChange={may.includes("admin")} />;
}
