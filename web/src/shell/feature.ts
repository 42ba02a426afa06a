// SPDX-License-Identifier: Apache-2.0
/** What a feature adds to the console: its pages, entries of the navigation, and tabs on what others show. */

import type { ComponentType } from "react";
import type { SystemAction } from "./session";

/** Who is shown something. What somebody may do is decided by the server; this only keeps dead ends out of sight. */
export type Audience = "anyone" | "user" | SystemAction;

type Loaded<Props = object> = () => Promise<{ default: ComponentType<Props> }>;

export interface Page {
  /** As TanStack Router writes it, such as `/projects/$project`; `$` at the end takes the rest. */
  path: string;
  load: Loaded;
  /** `user` unless said otherwise. */
  audience?: Audience;
}

export interface NavigationEntry {
  to: string;
  label: string;
  icon: ComponentType<{ size?: number | string }>;
  group: "registry" | "administration" | "account";
  /** Lower comes first; those of the core are multiples of ten. */
  order: number;
  audience?: Audience;
}

/** A tab on a page about a subject. */
export interface Tab<Subject> {
  id: string;
  label: string;
  load: Loaded<{ subject: Subject }>;
  order: number;
  /** Whether this subject has it; every one has unless said otherwise. */
  isFor?: (subject: Subject) => boolean;
}

/** Something that the command palette found. */
export interface Hit {
  to: string;
  /** What follows the question mark of the address. */
  search?: Record<string, string>;
  label: string;
  description?: string;
  icon: ComponentType<{ size?: number | string }>;
}

export interface Hits {
  group: string;
  hits: Hit[];
}

/** One artifact of a repository. */
export interface ArtifactSubject {
  repository: string;
  digest: string;
  /** Such as `image`; `pending` until it is found out. */
  type: string;
  mediaType: string;
  /** The tag by which it is looked at, if it is. */
  tag?: string;
  /** The actions that the viewer may do in the repository. */
  may: readonly string[];
}

export interface RepositorySubject {
  name: string;
  may: readonly string[];
}

export interface ProjectSubject {
  name: string;
  /** The actions that the viewer may do in all of it, of those that are about a project. */
  may: readonly string[];
}

/** The user who is logged in. */
export interface ProfileSubject {
  name: string;
}

/** What is said beside the name of an artifact: nothing, or a badge. */
export type ArtifactMark = Loaded<{ subject: ArtifactSubject }>;

export interface ConsoleFeature {
  /** As the server calls it. A feature that the server has not mounted is not shown. */
  name: string;
  pages?: readonly Page[];
  navigation?: readonly NavigationEntry[];
  artifactMarks?: readonly ArtifactMark[];
  artifactTabs?: readonly Tab<ArtifactSubject>[];
  repositoryTabs?: readonly Tab<RepositorySubject>[];
  projectTabs?: readonly Tab<ProjectSubject>[];
  /** On the page about the system, which operators and auditors see. */
  systemTabs?: readonly Tab<object>[];
  profileTabs?: readonly Tab<ProfileSubject>[];
  /** Answers what is typed into the command palette. */
  find?: (typed: string, signal: AbortSignal) => Promise<Hits[]>;
}
