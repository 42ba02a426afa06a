// SPDX-License-Identifier: Apache-2.0
import { Button, Grid } from "@mantine/core";
import { IconLock, IconRocket } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useIsMounted } from "@/shell/mounted";
import { useViewer } from "@/shell/session";
import { Failure, Loading, Notice, Page } from "@/ui";
import { words } from "@/words";
import { Figures } from "./Figures";
import { type Overview, useOverview } from "./queries";
import { RecentChanges } from "./RecentChanges";
import { TopRepositories } from "./TopRepositories";

const text = words.dashboard;

export default function DashboardPage() {
  const overview = useOverview();
  if (overview.isPending) return <Loading />;
  if (!overview.data) return <Failure error={overview.error} retry={() => void overview.refetch()} />;
  return (
    <Page title={text.title}>
      <Content overview={overview.data} />
    </Page>
  );
}

function Content({ overview }: { overview: Overview }) {
  if (overview.is_empty)
    return (
      <>
        <Invitation />
        <Figures overview={overview} />
      </>
    );
  return (
    <>
      <Figures overview={overview} />
      <Grid>
        <Grid.Col span={{ base: 12, lg: 8 }}>
          <RecentChanges changes={overview.recent} isComplete={overview.is_recent_complete} />
        </Grid.Col>
        <Grid.Col span={{ base: 12, lg: 4 }}>
          <TopRepositories repositories={overview.top} />
        </Grid.Col>
      </Grid>
    </>
  );
}

/** What to do where there is nothing: administrators push, others ask. */
function Invitation() {
  const isAdministrator = useViewer()?.isAdministrator ?? false;
  const isGuided = useIsMounted("guide");
  const action = isGuided && (
    <Button component={Link} to="/guide" size="md" leftSection={<IconRocket size={18} />}>
      {text.getStarted}
    </Button>
  );
  if (isAdministrator)
    return (
      <Notice
        icon={IconRocket}
        color="indigo"
        title={text.welcome}
        text={isGuided && text.welcomeHint}
        action={action}
      />
    );
  return <Notice icon={IconLock} title={text.nothingToSee} text={text.nothingToSeeHint} action={action} />;
}
