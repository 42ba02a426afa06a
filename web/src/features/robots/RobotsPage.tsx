// SPDX-License-Identifier: Apache-2.0
import { NativeSelect } from "@mantine/core";
import { useViewer } from "@/shell/session";
import { Empty, Failure, Loading, Page, useInAddress } from "@/ui";
import { words } from "@/words";
import { REGISTRY, useProjectNames } from "./queries";
import { RobotList } from "./RobotList";

const text = words.robots;

export default function RobotsPage() {
  const [asked, ask] = useInAddress("project");
  const projects = useProjectNames();
  const viewer = useViewer();
  if (projects.isError) return <Failure error={projects.error} retry={() => void projects.refetch()} />;
  if (projects.isPending) return <Loading />;
  const first = viewer?.isAdministrator ? (projects.data[0] ?? REGISTRY) : "";
  const project = asked || first;
  const seesRegistry = viewer?.may.includes("read-accounts") ?? false;
  if (!projects.data.length && !seesRegistry)
    return (
      <Page title={text.title} about={text.about}>
        <Empty title={text.noProjects} text={text.noProjectsHint} />
      </Page>
    );
  return (
    <Page title={text.title} about={text.about}>
      <NativeSelect
        label={text.project}
        description={text.projectRule}
        data={optionsOf(seesRegistry ? [...projects.data, REGISTRY] : projects.data, project)}
        value={project}
        onChange={(event) => ask(event.currentTarget.value)}
        maw={360}
      />
      {project ? (
        <RobotList project={project} />
      ) : (
        <Empty title={text.chooseProject} text={text.chooseProjectHint} />
      )}
    </Page>
  );
}

/** The projects to choose from, the chosen one among them even if it is none that was listed. */
function optionsOf(names: string[], chosen: string): { value: string; label: string }[] {
  const options = [...new Set(chosen ? [...names, chosen] : names)].map((name) => ({
    value: name,
    label: name === REGISTRY ? text.ofRegistry : name,
  }));
  return chosen ? options : [{ value: "", label: text.chooseProject }, ...options];
}
