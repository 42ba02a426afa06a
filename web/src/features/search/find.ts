// SPDX-License-Identifier: Apache-2.0
import { IconBox, IconFolders, IconPackages, IconSearch, IconTag } from "@tabler/icons-react";
import { answer, api, type components } from "@/api";
import { artifactAddress, projectAddress, repositoryAddress, tagAddress } from "@/shell/addresses";
import type { Hit, Hits } from "@/shell/feature";
import { shortDigest } from "@/ui";
import { words } from "@/words";

export type Found = components["schemas"]["SearchView"];

const text = words.search;
const SHOWN_AT_ONCE = 5;

export function ask(typed: string, limit: number, signal: AbortSignal): Promise<Found> {
  return answer(api.GET("/api/v1/search", { params: { query: { q: typed, limit } }, signal }));
}

/** What the palette shows: some of each, and the way to all of it. */
export async function find(typed: string, signal: AbortSignal): Promise<Hits[]> {
  const found = await ask(typed, SHOWN_AT_ONCE, signal);
  const groups = hitsOf(found);
  if (!groups.length) return [];
  const all: Hit = {
    to: "/search",
    search: { q: typed },
    label: text.all,
    description: text.allHint(typed),
    icon: IconSearch,
  };
  return [...groups, { group: text.title, hits: [all] }];
}

/** What was found, as links; groups without any are left out. */
export function hitsOf({ projects, repositories, tags, artifacts }: Found): Hits[] {
  const groups: Hits[] = [
    {
      group: text.groups.projects,
      hits: projects.map(({ name }) => ({ to: projectAddress(name), label: name, icon: IconFolders })),
    },
    {
      group: text.groups.repositories,
      hits: repositories.map(({ name }) => ({
        to: repositoryAddress(name),
        label: name,
        icon: IconPackages,
      })),
    },
    {
      group: text.groups.tags,
      hits: tags.map(({ repository, tag, digest }) => ({
        to: tagAddress(repository, tag),
        label: `${repository}:${tag}`,
        description: shortDigest(digest),
        icon: IconTag,
      })),
    },
    {
      group: text.groups.artifacts,
      hits: artifacts.map(({ repository, digest, artifact_type, media_type }) => ({
        to: artifactAddress(repository, digest),
        label: `${repository}@${shortDigest(digest)}`,
        description: artifact_type ?? media_type,
        icon: IconBox,
      })),
    },
  ];
  return groups.filter(({ hits }) => hits.length > 0);
}
