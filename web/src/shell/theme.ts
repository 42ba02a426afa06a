// SPDX-License-Identifier: Apache-2.0
import {
  type CSSVariablesResolver,
  createTheme,
  type MantineColorsTuple,
  type MantineTheme,
} from "@mantine/core";
import { words } from "@/words";

export const theme = createTheme({
  primaryColor: "indigo",
  primaryShade: 7,
  defaultRadius: "md",
  fontFamily: "Inter, ui-sans-serif, system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif",
  fontFamilyMonospace: "ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace",
  headings: { fontWeight: "650" },
  autoContrast: true,
  cursorType: "pointer",
  components: {
    Menu: {
      defaultProps: {
        // Otherwise its first child is no item of it (WAI-ARIA, "menu": required owned elements).
        withInitialFocusPlaceholder: false,
        // Inside a landmark, like all that is not a dialog.
        portalProps: { target: "#content" },
      },
    },
    Notification: {
      defaultProps: { closeButtonProps: { "aria-label": words.ui.close } },
      styles: { description: { color: "var(--mantine-color-dimmed)" } },
    },
  },
});

/** The text of badges, alerts and light buttons: Mantine's is too pale on its tint for several colours. */
function onTints(colors: MantineTheme["colors"], shade: (color: MantineColorsTuple) => string) {
  const names = Object.entries(colors).filter(([name]) => name !== "dark");
  return Object.fromEntries(
    names.map(([name, color]) => [`--mantine-color-${name}-light-color`, shade(color)]),
  );
}

/** Text dark, or light, enough to be read: 4.5 to 1 against what lies behind it (WCAG 2.1, 1.4.3). */
export const legible: CSSVariablesResolver = ({ colors }) => ({
  variables: {},
  light: {
    "--mantine-color-dimmed": colors.gray[7],
    "--mantine-color-error": colors.red[9],
    ...onTints(colors, (color) => `color-mix(in srgb, ${color[9]} 65%, black)`),
  },
  dark: {
    "--mantine-color-dimmed": colors.dark[1],
    "--mantine-color-error": colors.red[4],
    ...onTints(colors, (color) => color[2]),
  },
});
