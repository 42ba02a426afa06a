// SPDX-License-Identifier: Apache-2.0
import type { ProjectSubject } from "@/shell/feature";
import { Failure, Loading } from "@/ui";
import { words } from "@/words";
import { ModeCard } from "./ModeCard";
import { setProjectMode, useProjectMode } from "./queries";

export default function ProjectModeTab({ subject: { name } }: { subject: ProjectSubject }) {
  const mode = useProjectMode(name);
  if (mode.isPending) return <Loading />;
  if (!mode.data) return <Failure error={mode.error} retry={() => void mode.refetch()} />;
  return (
    <ModeCard
      about={words.modes.aboutProject}
      mode={mode.data}
      set={(request) => setProjectMode(name, request)}
    />
  );
}
