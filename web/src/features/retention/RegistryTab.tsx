// SPDX-License-Identifier: Apache-2.0
import { useMay } from "@/shell/session";
import { RetentionView } from "./RetentionView";
import { REGISTRY } from "./scope";

/** The rules that count in every project. */
export default function RegistryTab() {
  return <RetentionView scope={REGISTRY} mayRead mayChange={useMay("administer")} />;
}
