// SPDX-License-Identifier: Apache-2.0
import { useMay } from "@/shell/session";
import { immutability } from "@/words/immutability";
import { RuleList } from "./RuleList";

/** The rules about tags of the registry as a whole. */
export default function RegistryTab() {
  return <RuleList project="" about={immutability.aboutRegistry} mayChange={useMay("administer")} />;
}
