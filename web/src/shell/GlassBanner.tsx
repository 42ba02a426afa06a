// SPDX-License-Identifier: Apache-2.0
import { Alert, Anchor, Stack, Text } from "@mantine/core";
import { IconUrgent } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { answer, api } from "@/api";
import { words } from "@/words";
import { useIsMounted } from "./mounted";
import { useMay } from "./session";

const ASKED_AGAIN_MS = 15_000;
const TOLD = 5;
const SYSTEM = "SYSTEM";

const text = words.breakGlass.banner;

/** Says above every page who has broken the glass, and what nobody has looked at yet, to those who may look. */
export function GlassBanner() {
  const isServed = useIsMounted("break_glass");
  const mayLook = useMay("read-audit");
  const { data } = useQuery({
    queryKey: ["break-glass", "waiting"],
    queryFn: ({ signal }) =>
      answer(api.GET("/api/v1/break-glass/openings", { params: { query: { acknowledged: false } }, signal })),
    refetchInterval: ASKED_AGAIN_MS,
    enabled: isServed && mayLook,
  });
  const waiting = data?.items ?? [];
  if (!mayLook || !waiting.length) return null;
  const open = waiting.filter(({ state }) => state === "open");
  return (
    <Alert
      color={open.length ? "red" : "yellow"}
      icon={<IconUrgent size={18} />}
      title={open.length ? text.open(open.length) : text.ended(waiting.length)}
      role={open.length ? "alert" : "status"}
      mb="md"
    >
      <Stack gap={4}>
        {[...open, ...waiting.filter((each) => !open.includes(each))].slice(0, TOLD).map((each) => (
          <Text key={each.id} size="sm" style={{ overflowWrap: "anywhere" }}>
            {(each.state === "open" ? text.who : text.had)(
              each.principal.slice(each.principal.indexOf(":") + 1),
              each.role,
              each.path_pattern === SYSTEM ? words.grants.registryInText : each.path_pattern,
            )}
            {": "}
            {each.reason}
          </Text>
        ))}
        <Anchor
          component={Link}
          to={"/break-glass" as "/"}
          search={{ tab: "openings" } as never}
          size="sm"
          c="inherit"
          underline="always"
        >
          {text.more}
        </Anchor>
      </Stack>
    </Alert>
  );
}
