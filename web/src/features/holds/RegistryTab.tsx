// SPDX-License-Identifier: Apache-2.0
import { holds } from "@/words/holds";
import { HoldTable } from "./HoldTable";
import { useHolds } from "./queries";

/** The holds of the registry. */
export default function RegistryTab() {
  return <HoldTable list={useHolds()} about={holds.aboutRegistry} />;
}
