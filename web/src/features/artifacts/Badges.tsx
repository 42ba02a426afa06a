// SPDX-License-Identifier: Apache-2.0
/** What an artifact is and where it runs, in a few words. */

import { Loader } from "@mantine/core";
import {
  IconAdjustments,
  IconBrain,
  IconBrandDocker,
  IconCertificate,
  IconComponents,
  IconFileText,
  IconListDetails,
  IconPackage,
  IconShieldCheck,
  IconShip,
  IconStack2,
} from "@tabler/icons-react";
import type { ComponentType } from "react";
import { words } from "@/words";
import classes from "./artifacts.module.css";

const { artifacts: texts } = words;
const SHOWN_PLATFORMS = 2;

const ICONS: Record<string, ComponentType<{ size?: number; "aria-hidden"?: boolean }>> = {
  image: IconBrandDocker,
  index: IconStack2,
  chart: IconShip,
  wasm: IconComponents,
  sbom: IconListDetails,
  signature: IconCertificate,
  attestation: IconFileText,
  model: IconBrain,
  policy_bundle: IconShieldCheck,
  configuration: IconAdjustments,
};

/** What an artifact is for its users. */
export function Type({ type }: { type: string }) {
  const Icon = ICONS[type] ?? IconPackage;
  const isPending = type === "pending";
  return (
    <span className={classes.type} title={isPending ? texts.pendingHint : undefined}>
      {isPending ? <Loader size={14} aria-hidden /> : <Icon size={16} aria-hidden />}
      {texts.types[type] ?? type}
    </span>
  );
}

/** The first platforms, and how many more there are; all of them on hovering. */
export function Platforms({ platforms }: { platforms: readonly string[] }) {
  const shown = platforms.slice(0, platforms.length > SHOWN_PLATFORMS ? 1 : SHOWN_PLATFORMS);
  const more = platforms.length - shown.length;
  return (
    <span className={classes.several} title={platforms.join(", ")}>
      {[...shown, ...(more > 0 ? [texts.tags.more(more)] : [])].map((text) => (
        <span key={text}>{text}</span>
      ))}
    </span>
  );
}
