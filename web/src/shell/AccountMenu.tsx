// SPDX-License-Identifier: Apache-2.0
import { Button, Menu, SegmentedControl, Text, useMantineColorScheme } from "@mantine/core";
import { IconLogout, IconUser } from "@tabler/icons-react";
import { Link, useNavigate } from "@tanstack/react-router";
import { answer, api } from "@/api";
import { tellRefused } from "@/ui";
import { words } from "@/words";
import { useTakeSession } from "./session";

export function AccountMenu({ name }: { name: string }) {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const take = useTakeSession();
  const navigate = useNavigate();
  const logOut = async () => {
    try {
      await answer(api.DELETE("/api/v1/session"));
    } catch (error) {
      tellRefused(error, words.shell.stillLoggedIn);
      return;
    }
    take(null);
    await navigate({ to: "/login" });
  };
  return (
    <Menu position="bottom-end" width={260} withinPortal>
      <Menu.Target>
        <Button
          variant="subtle"
          color="gray"
          px={8}
          leftSection={<IconUser size={18} />}
          aria-label={words.shell.loggedInAs(name)}
        >
          <Text size="sm" truncate maw={140} visibleFrom="xs">
            {name}
          </Text>
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{words.shell.loggedInAs(name)}</Menu.Label>
        <Menu.Item component={Link} to="/profile" leftSection={<IconUser size={16} />}>
          {words.shell.profile}
        </Menu.Item>
        <Menu.Label>{words.shell.theme.label}</Menu.Label>
        <SegmentedControl
          fullWidth
          size="xs"
          aria-label={words.shell.theme.label}
          value={colorScheme}
          onChange={(value) => setColorScheme(value as "light" | "dark" | "auto")}
          data={(["light", "dark", "auto"] as const).map((value) => ({
            value,
            label: words.shell.theme[value],
          }))}
        />
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => void logOut()}>
          {words.shell.logOut}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
