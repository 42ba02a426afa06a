// SPDX-License-Identifier: Apache-2.0
import { Alert, Autocomplete, SimpleGrid, Stack, Tabs, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconAlertTriangle, IconInfoCircle } from "@tabler/icons-react";
import { useState } from "react";
import { useGuide } from "@/shell/guide";
import { useViewer } from "@/shell/session";
import { Failure, Loading, Page, useInAddress } from "@/ui";
import { words } from "@/words";
import { CLIENTS, type Client, type Facts, suggestedImage } from "./commands";
import { isProjectName } from "./names";
import { useMakeToken, useMayPush, useSuggestedProject } from "./queries";
import { Steps } from "./Steps";

const text = words.guide;
const WAIT_MS = 300;

export default function GuidePage() {
  const guide = useGuide();
  const viewer = useViewer();
  const suggested = useSuggestedProject(viewer?.name ?? "");
  if (suggested.isError) return <Failure error={suggested.error} retry={() => void suggested.refetch()} />;
  if (!guide.data || !viewer || suggested.isPending) return <Loading />;
  const { address, scheme, is_loopback, certificate_authority } = guide.data;
  const registry = {
    address,
    isPlainHttp: scheme === "http",
    isLoopback: is_loopback,
    authority: certificate_authority,
    user: viewer.name,
  };
  return (
    <Page title={text.title} about={text.about(address)}>
      <Stack gap="lg" maw={860}>
        <Warnings {...registry} />
        {!suggested.data.isAllowed && (
          <Alert color="yellow" icon={<IconInfoCircle size={18} />}>
            <Text size="sm" fw={600}>
              {text.noProject}
            </Text>
            {text.noProjectHint(viewer.name, suggested.data.project)}
          </Alert>
        )}
        <Guide registry={registry} suggested={suggested.data.project} projects={suggested.data.projects} />
      </Stack>
    </Page>
  );
}

type Registry = Omit<Facts, "project" | "image" | "token">;

function Warnings({ address, isPlainHttp, isLoopback }: Registry) {
  if (isLoopback)
    return (
      <Alert color="blue" icon={<IconInfoCircle size={18} />}>
        {text.loopback(address)}
      </Alert>
    );
  if (!isPlainHttp) return null;
  return (
    <Alert color="orange" icon={<IconAlertTriangle size={18} />}>
      <Text size="sm" fw={600}>
        {text.plainHttp}
      </Text>
      {text.plainHttpHint}
    </Alert>
  );
}

interface Properties {
  registry: Registry;
  suggested: string;
  projects: string[];
}

function Guide({ registry, suggested, projects }: Properties) {
  const [inAddress, putClient] = useInAddress("client");
  const [project, setProject] = useState(suggested);
  const [images, setImages] = useState<Partial<Record<Client, string>>>({});
  const token = useMakeToken();
  const client = CLIENTS.find((each) => each === inAddress) ?? CLIENTS[0];
  const facts = (of: Client): Facts => ({
    ...registry,
    project: isProjectName(project) ? project : suggested,
    image: images[of]?.trim() ?? "",
    token: token.data?.secret,
  });
  const isImage = suggestedImage(client) !== undefined;
  return (
    <>
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <ProjectField project={project} projects={projects} onChange={setProject} />
        {isImage && (
          <TextInput
            label={text.image}
            description={text.imageHint}
            placeholder={suggestedImage(client)}
            value={images[client] ?? ""}
            onChange={({ currentTarget: { value } }) => setImages({ ...images, [client]: value })}
            spellCheck={false}
            autoComplete="off"
          />
        )}
      </SimpleGrid>
      <Tabs value={client} onChange={(chosen) => putClient(chosen ?? "")} keepMounted={false}>
        <Tabs.List aria-label={text.clients} mb="lg">
          {CLIENTS.map((each) => (
            <Tabs.Tab key={each} value={each}>
              {text.client[each]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value={client}>
          <Steps key={client} client={client} facts={facts(client)} token={token} />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}

interface ProjectProperties {
  project: string;
  projects: string[];
  onChange: (project: string) => void;
}

function ProjectField({ project, projects, onChange }: ProjectProperties) {
  const [asked] = useDebouncedValue(project, WAIT_MS);
  const { data } = useMayPush(asked);
  const decision = asked === project && data ? data : undefined;
  const problem = !isProjectName(project)
    ? text.noProjectName
    : decision && !decision.allowed
      ? text.mayNotPush(decision.because)
      : undefined;
  return (
    <Autocomplete
      label={text.project}
      description={decision?.allowed ? text.mayPush(decision.because) : text.projectHint}
      error={problem}
      data={projects}
      value={project}
      onChange={onChange}
      spellCheck={false}
    />
  );
}
