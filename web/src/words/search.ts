// SPDX-License-Identifier: Apache-2.0
export const search = {
  title: "Search",
  titleFor: (typed: string) => `Search for ${typed}`,
  about:
    "Names of projects and repositories are found by any part of them, tags and digests by how they begin. repository:tag works too.",
  field: "What to look for",
  groups: {
    projects: "Projects",
    repositories: "Repositories",
    tags: "Tags",
    artifacts: "Artifacts",
  },
  more: "Show more",
  all: "All results",
  allHint: (typed: string) => `Everything found for ${typed}`,
  incomplete: "There is more than is shown here. Type more of the name to find the rest.",
  nothing: (typed: string) => `Nothing is called ${typed}`,
  nothingHint:
    "Only what you may pull is searched. Tags and digests are found by how they begin: try fewer letters, or another part of the name.",
  start: "Type a part of a name",
  startHint: "A project, a repository, a tag or a digest.",
};
