// SPDX-License-Identifier: Apache-2.0
/** Where there is no page to show. */

import { Button } from "@mantine/core";
import { IconBug, IconZoomQuestion } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { Notice } from "@/ui";
import { words } from "@/words";

export function NotFound() {
  const home = (
    <Button component={Link} to="/" variant="default">
      {words.shell.home}
    </Button>
  );
  return (
    <Notice
      isPage
      icon={IconZoomQuestion}
      title={words.shell.notFound}
      text={words.shell.notFoundHint}
      action={home}
    />
  );
}

export function Crashed({ error }: { error: unknown }) {
  const isGone = error instanceof TypeError && /import|module/i.test(error.message);
  const title = isGone ? words.shell.newVersion : words.shell.crashed;
  const text = isGone ? words.shell.newVersionHint : words.shell.crashedHint;
  const reload = <Button onClick={() => location.reload()}>{words.shell.reload}</Button>;
  return <Notice isPage icon={IconBug} color="red" title={title} text={text} action={reload} />;
}
