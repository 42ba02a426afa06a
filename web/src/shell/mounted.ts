// SPDX-License-Identifier: Apache-2.0
/** Which features this console shows: those registered here that the server has mounted too. */

import { createContext, useContext } from "react";
import type { Audience, ConsoleFeature, Tab } from "./feature";
import type { Viewer } from "./session";

export function mounted(
  registered: readonly ConsoleFeature[],
  served: readonly string[],
): readonly ConsoleFeature[] {
  return registered.filter((feature) => served.includes(feature.name));
}

const Mounted = createContext<readonly ConsoleFeature[]>([]);

export const MountedFeatures = Mounted.Provider;

export function useFeatures(): readonly ConsoleFeature[] {
  return useContext(Mounted);
}

/** Whether a feature is shown, for the few places that link to another feature's page. */
export function useIsMounted(name: string): boolean {
  return useFeatures().some((feature) => feature.name === name);
}

type Kind = "artifactTabs" | "repositoryTabs" | "projectTabs" | "systemTabs" | "profileTabs";
type SubjectOf<K extends Kind> =
  NonNullable<ConsoleFeature[K]> extends readonly Tab<infer Subject>[] ? Subject : never;

/** The tabs on a page about `subject`, in order. */
export function tabsOf<K extends Kind>(
  features: readonly ConsoleFeature[],
  kind: K,
  subject: SubjectOf<K>,
): Tab<SubjectOf<K>>[] {
  const tabs = features.flatMap(
    (feature) => (feature[kind] ?? []) as unknown as readonly Tab<SubjectOf<K>>[],
  );
  return tabs.filter((tab) => tab.isFor?.(subject) ?? true).sort((one, other) => one.order - other.order);
}

/** Whether somebody belongs to an audience. */
export function isAmong(audience: Audience, viewer: Pick<Viewer, "may"> | null): boolean {
  if (audience === "anyone") return true;
  return audience === "user" ? viewer !== null : (viewer?.may.includes(audience) ?? false);
}
