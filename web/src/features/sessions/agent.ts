// SPDX-License-Identifier: Apache-2.0
const BROWSERS: [RegExp, string][] = [
  [/Edg(?:e|A|iOS)?\/(\d+)/, "Edge"],
  [/OPR\/(\d+)/, "Opera"],
  [/Firefox\/(\d+)/, "Firefox"],
  [/(?:Headless)?Chrome\/(\d+)/, "Chrome"],
  [/Version\/(\d+).*Safari/, "Safari"],
];
const SYSTEMS: [RegExp, string][] = [
  [/Android/, "Android"],
  [/iPhone|iPad/, "iOS"],
  [/Windows/, "Windows"],
  [/Mac OS X/, "macOS"],
  [/Linux/, "Linux"],
];

/** Name a browser and its system from what it calls itself, such as `Firefox 140, Linux`; empty when neither is known. */
export function browserOf(agent: string): string {
  const browser = BROWSERS.map(([form, name]) => [name, form.exec(agent)?.[1]] as const).find(
    ([, major]) => major,
  );
  const system = SYSTEMS.find(([form]) => form.test(agent))?.[1];
  return [browser?.join(" "), system].filter(Boolean).join(", ");
}
