// SPDX-License-Identifier: Apache-2.0
/** The command palette: pages, and whatever the search of the registry finds by name, tag or digest. */

import { useDebouncedValue } from "@mantine/hooks";
import {
  createSpotlight,
  Spotlight,
  type SpotlightActionData,
  type SpotlightActionGroupData,
} from "@mantine/spotlight";
import { IconSearch } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { words } from "@/words";
import type { Hit } from "./feature";
import { isAmong, useFeatures } from "./mounted";
import { useViewer } from "./session";

const WAIT_MS = 150;
const [store, spotlight] = createSpotlight();

/** Opens as often as `asked` changes, and when it is first there. */
export default function Palette({ asked: times }: { asked: number }) {
  // biome-ignore lint/correctness/useExhaustiveDependencies: each time it is asked for
  useEffect(spotlight.open, [times]);
  const [typed, setTyped] = useState("");
  const [asked] = useDebouncedValue(typed.trim(), WAIT_MS);
  const navigate = useNavigate();
  const viewer = useViewer();
  const features = useFeatures();
  const finders = features.flatMap((feature) => (feature.find ? [feature.find] : []));
  const found = useQuery({
    queryKey: ["palette", asked],
    queryFn: async ({ signal }) => (await Promise.all(finders.map((find) => find(asked, signal)))).flat(),
    enabled: asked !== "" && finders.length > 0,
    placeholderData: keepPreviousData,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: whenever the list has changed
  useEffect(selectFirst, [found.data, asked]);
  const pages = features
    .flatMap((feature) => feature.navigation ?? [])
    .filter((entry) => isAmong(entry.audience ?? "user", viewer))
    .filter((entry) => entry.label.toLowerCase().includes(typed.trim().toLowerCase()))
    .map((entry) => ({ id: entry.to, label: entry.label, to: entry.to, icon: entry.icon }));
  const groups = asked ? (found.data ?? []) : [];
  const go = (to: string, search?: Hit["search"]) => () =>
    void navigate({ to: to as "/", search: search as never });
  const actions: SpotlightActionGroupData[] = [
    ...groups.map(({ group, hits }) => ({
      group,
      actions: hits.map(
        (hit): SpotlightActionData => ({
          id: hit.to,
          label: hit.label,
          description: hit.description,
          leftSection: <hit.icon size={18} />,
          onClick: go(hit.to, hit.search),
        }),
      ),
    })),
    {
      group: words.shell.palette.pages,
      actions: pages.map((entry) => ({
        id: entry.id,
        label: entry.label,
        leftSection: <entry.icon size={18} />,
        onClick: go(entry.to),
      })),
    },
  ];
  return (
    <Spotlight
      store={store}
      attributes={{ content: { "aria-label": words.shell.search } }}
      classNames={{ actionDescription: "palette-description" }}
      actions={actions.filter((each) => each.actions.length > 0)}
      query={typed}
      onQueryChange={setTyped}
      filter={(_, all) => all}
      shortcut={null}
      nothingFound={found.isFetching ? words.ui.loading : words.shell.palette.nothing}
      searchProps={{
        leftSection: <IconSearch size={18} />,
        placeholder: words.shell.palette.placeholder,
        "aria-label": words.shell.search,
      }}
      highlightQuery
      scrollable
      maxHeight={480}
    />
  );
}

/** Spotlight selects the first entry when something is typed, but not among those that arrive later: Enter goes there. */
function selectFirst(): void {
  const list = document.querySelector(".mantine-Spotlight-actionsList");
  const first = list?.querySelector("[data-action]");
  if (!first) return;
  list?.querySelector("[data-selected]")?.removeAttribute("data-selected");
  first.setAttribute("data-selected", "true");
  // The arrows go on from here.
  store.updateState((state) => ({ ...state, selected: 0 }));
}
