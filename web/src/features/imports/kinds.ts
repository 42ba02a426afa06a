// SPDX-License-Identifier: Apache-2.0
import { imports } from "@/words/imports";

/** A sort of registry: what its address looks like, who logs in there, and whether it lists what it has. */
export interface Kind {
  label: string;
  /** An example of its address, or the address itself where there is but one. */
  address: string;
  isOnlyAddress: boolean;
  username: string;
  /** The one user name that can log in there; empty where there are others. */
  onlyUsername: string;
  lists: boolean;
}

const labels = imports.kinds;
const users = imports.kindUsers;

function kind(label: string, address: string, username: string, differs: Partial<Kind> = {}): Kind {
  return { label, address, username, isOnlyAddress: false, onlyUsername: "", lists: true, ...differs };
}

export const KINDS = {
  other: kind(labels.other, "https://registry.example.org", users.any),
  entrepot: kind(labels.entrepot, "https://entrepot.example.org", users.entrepot),
  distribution: kind(labels.distribution, "https://registry.example.org", users.any),
  harbor: kind(labels.harbor, "https://harbor.example.org", users.harbor),
  quay: kind(labels.quay, "https://quay.io", users.quay, { isOnlyAddress: true, lists: false }),
  hub: kind(labels.hub, "docker.io", users.hub, { isOnlyAddress: true, lists: false }),
  ecr: kind(labels.ecr, "https://123456789012.dkr.ecr.eu-central-1.amazonaws.com", users.ecr, {
    onlyUsername: "AWS",
    lists: false,
  }),
} satisfies Record<string, Kind>;

export type KindName = keyof typeof KINDS;

interface Filled {
  kind: KindName;
  url: string;
  username: string;
}

/** What choosing a kind fills in: what is sure of it, instead of what was sure of the kind before. */
export function choose(chosen: KindName, { kind: before, url, username }: Filled): Filled {
  const [was, is] = [KINDS[before], KINDS[chosen]];
  const isUrlFree = url === "" || (was.isOnlyAddress && url === was.address);
  const isNameFree = username === "" || username === was.onlyUsername;
  return {
    kind: chosen,
    url: isUrlFree ? (is.isOnlyAddress ? is.address : "") : url,
    username: isNameFree ? is.onlyUsername : username,
  };
}
