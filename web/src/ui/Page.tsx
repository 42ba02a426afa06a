// SPDX-License-Identifier: Apache-2.0
import { Anchor, Breadcrumbs, Group, Stack, Text, Title } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useEffect } from "react";
import { words } from "@/words";

export interface Crumb {
  label: string;
  to: string;
}

interface Properties {
  title: string;
  /** Where the page lies, from the outermost place to the one just above it. */
  crumbs?: Crumb[];
  /** One line under the title. */
  about?: ReactNode;
  /** Buttons beside the title. */
  actions?: ReactNode;
  children: ReactNode;
}

/** The frame of every page: title (of the document too), where it lies, what can be done, content. */
export function Page({ title, crumbs = [], about, actions, children }: Properties) {
  useEffect(() => {
    document.title = words.shell.titled(title);
  }, [title]);
  return (
    <Stack gap="md">
      <Stack gap={4}>
        {crumbs.length > 0 && (
          <Breadcrumbs>
            {crumbs.map((crumb) => (
              <Anchor key={crumb.to} component={Link} to={crumb.to} size="sm">
                {crumb.label}
              </Anchor>
            ))}
          </Breadcrumbs>
        )}
        <Group justify="space-between" align="center" gap="sm">
          <Title order={1} size="h2" style={{ overflowWrap: "anywhere" }}>
            {title}
          </Title>
          {actions && <Group gap="xs">{actions}</Group>}
        </Group>
        {about && (
          <Text c="dimmed" component="div">
            {about}
          </Text>
        )}
      </Stack>
      {children}
    </Stack>
  );
}
