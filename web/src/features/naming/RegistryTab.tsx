// SPDX-License-Identifier: Apache-2.0
import { useMay } from "@/shell/session";
import { naming } from "@/words/naming";
import { RuleList } from "./RuleList";

/** The rules about names in the registry as a whole. */
export default function RegistryTab() {
  return <RuleList project="" about={naming.aboutRegistry} mayChange={useMay("administer")} />;
}
