// SPDX-License-Identifier: Apache-2.0
import type { ProjectSubject } from "@/shell/feature";
import { RobotList } from "./RobotList";

export default function RobotsTab({ subject }: { subject: ProjectSubject }) {
  return <RobotList project={subject.name} />;
}
