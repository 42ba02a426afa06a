// SPDX-License-Identifier: Apache-2.0
import { Button } from "@mantine/core";
import { IconLock } from "@tabler/icons-react";
import { Link, Navigate, useLocation } from "@tanstack/react-router";
import { type ReactNode, Suspense, useState } from "react";
import { Loading, Notice } from "@/ui";
import { words } from "@/words";
import type { Audience } from "./feature";
import { isAmong } from "./mounted";
import { useViewer } from "./session";

/** Shows a page to its audience; asks others to log in, and leads back to the page afterwards. */
export function Admitted({ audience, children }: { audience: Audience; children: ReactNode }) {
  const viewer = useViewer();
  if (!isAmong(audience, viewer)) return viewer ? <Forbidden /> : <ToLogin />;
  return <Suspense fallback={<Loading />}>{children}</Suspense>;
}

function Forbidden() {
  const home = (
    <Button component={Link} to="/" variant="default">
      {words.shell.home}
    </Button>
  );
  return (
    <Notice
      isPage
      icon={IconLock}
      color="yellow"
      title={words.ui.forbidden}
      text={words.shell.administratorsOnly}
      action={home}
    />
  );
}

/** Goes there once: the address changes before the page does, and must not be gone from again. */
function ToLogin() {
  const { href } = useLocation();
  const [navigation] = useState(<Navigate to="/login" search={{ to: href }} replace />);
  return navigation;
}
