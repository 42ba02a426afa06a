// SPDX-License-Identifier: Apache-2.0

import { repositoryAddress } from "@/shell/addresses";
import type { Crumb } from "@/ui";
import { words } from "@/words";

/** Where the parts of a repository lie: behind all repositories, those of its project, and itself. */
export function crumbsOf(repository: string): Crumb[] {
  const [project = repository] = repository.split("/");
  return [
    { label: words.artifacts.artifact.crumb, to: "/repositories" },
    { label: project, to: `/repositories?project=${encodeURIComponent(project)}` },
    { label: repository, to: repositoryAddress(repository) },
  ];
}
