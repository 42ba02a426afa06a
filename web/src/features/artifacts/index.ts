// SPDX-License-Identifier: Apache-2.0
import { IconPackages } from "@tabler/icons-react";
import type { ConsoleFeature } from "@/shell/feature";
import { words } from "@/words";
import { isIndex } from "./mediaTypes";

const { artifacts: texts } = words;

export const artifacts: ConsoleFeature = {
  name: "artifacts",
  pages: [{ path: "/repositories/$", load: () => import("./PlacePage") }],
  navigation: [
    { to: "/repositories", label: texts.navigation, icon: IconPackages, group: "registry", order: 30 },
  ],
  repositoryTabs: [
    { id: "tags", label: texts.tags.tab, load: () => import("./TagsTab"), order: 10 },
    { id: "artifacts", label: texts.list.tab, load: () => import("./ArtifactsTab"), order: 20 },
    { id: "bin", label: texts.bin.tab, load: () => import("./BinTab"), order: 30 },
  ],
  artifactTabs: [
    { id: "overview", label: texts.overview.tab, load: () => import("./OverviewTab"), order: 10 },
    {
      id: "platforms",
      label: texts.platforms.tab,
      load: () => import("./PlatformsTab"),
      order: 20,
      isFor: (subject) => isIndex(subject.mediaType),
    },
    {
      id: "layers",
      label: texts.layers.tab,
      load: () => import("./LayersTab"),
      order: 30,
      isFor: (subject) => !isIndex(subject.mediaType),
    },
    {
      id: "configuration",
      label: texts.configuration.tab,
      load: () => import("./ConfigurationTab"),
      order: 40,
      isFor: (subject) => !isIndex(subject.mediaType),
    },
    { id: "referrers", label: texts.referrers.tab, load: () => import("./ReferrersTab"), order: 50 },
    { id: "manifest", label: texts.manifest.tab, load: () => import("./ManifestTab"), order: 60 },
  ],
};
