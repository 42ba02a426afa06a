// SPDX-License-Identifier: Apache-2.0
/** What stands around every page: the head, the navigation, and what listens in the background. */

import { AppShell, Burger, Group, Text, UnstyledButton } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { Link, Outlet, useLocation } from "@tanstack/react-router";
import { useEffect } from "react";
import { useLiveQueries } from "@/live";
import { words } from "@/words";
import { AccountMenu } from "./AccountMenu";
import { AskForApproval } from "./AskForApproval";
import { GlassBanner } from "./GlassBanner";
import { LiveMark } from "./LiveMark";
import { Logo } from "./Logo";
import { ModeBanner } from "./ModeBanner";
import { Navigation } from "./Navigation";
import { PaletteButton } from "./PaletteButton";
import { ProveAgain } from "./ProveAgain";
import { useSession, useViewer } from "./session";

export function Frame() {
  const viewer = useViewer();
  const { data: session } = useSession();
  useLiveQueries();
  const [isOpen, { toggle, close }] = useDisclosure();
  const { pathname } = useLocation();
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new page closes what covers it
  useEffect(close, [pathname]);
  if (!viewer) {
    return (
      <main id="content">
        <Outlet />
      </main>
    );
  }
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 232, breakpoint: "sm", collapsed: { mobile: !isOpen } }}
      padding={{ base: "sm", sm: "lg" }}
    >
      <a className="skip" href="#content">
        {words.shell.skip}
      </a>
      <AppShell.Header>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap">
            <Burger
              opened={isOpen}
              onClick={toggle}
              hiddenFrom="sm"
              size="sm"
              aria-label={isOpen ? words.shell.closeNavigation : words.shell.openNavigation}
            />
            <UnstyledButton component={Link} to="/" aria-label={words.shell.homeOf}>
              <Group gap={8} wrap="nowrap">
                <Logo />
                <Text fw={700} size="lg" visibleFrom="xs">
                  {words.shell.product}
                </Text>
              </Group>
            </UnstyledButton>
          </Group>
          <Group gap="xs" wrap="nowrap">
            <PaletteButton />
            <LiveMark />
            <AccountMenu name={viewer.name} />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="sm" aria-label={words.shell.navigation}>
        <Navigation />
      </AppShell.Navbar>
      <AppShell.Main id="content">
        <div className="page">
          <ModeBanner />
          <GlassBanner />
          <Outlet />
        </div>
      </AppShell.Main>
      <AskForApproval />
      <ProveAgain methods={session?.methods ?? []} />
    </AppShell>
  );
}
