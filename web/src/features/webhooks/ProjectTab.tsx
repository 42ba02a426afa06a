// SPDX-License-Identifier: Apache-2.0
import type { ProjectSubject } from "@/shell/feature";
import { WebhooksView } from "./WebhooksView";

/** What a project tells other systems. */
export default function ProjectTab({ subject: { name } }: { subject: ProjectSubject }) {
  return <WebhooksView project={name} />;
}
