// SPDX-License-Identifier: Apache-2.0
import { useMode } from "@/shell/mode";
import { useMay } from "@/shell/session";
import { Failure, Loading } from "@/ui";
import { words } from "@/words";
import { ModeCard } from "./ModeCard";
import { setMode } from "./queries";

export default function RegistryModeTab() {
  const mode = useMode();
  const maySet = useMay("operate");
  if (mode.isPending) return <Loading />;
  if (!mode.data) return <Failure error={mode.error} retry={() => void mode.refetch()} />;
  return <ModeCard about={words.modes.aboutRegistry} mode={mode.data} set={maySet ? setMode : undefined} />;
}
