// SPDX-License-Identifier: Apache-2.0
import { type CSSVariablesResolver, createTheme } from "@mantine/core";
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
  // Otherwise the first child of a menu is no item of it (WAI-ARIA, "menu": required owned elements).
  components: {
    Menu: { defaultProps: { withInitialFocusPlaceholder: false } },
    Notification: { defaultProps: { closeButtonProps: { "aria-label": words.ui.close } } },
  },
});

/** Secondary text, and errors beside fields, dark, or light, enough to be read: 4.5 to 1 against what lies behind it (WCAG 2.1, 1.4.3). */
export const legible: CSSVariablesResolver = ({ colors }) => ({
  variables: {},
  light: { "--mantine-color-dimmed": colors.gray[7], "--mantine-color-error": colors.red[9] },
  dark: { "--mantine-color-dimmed": colors.dark[1], "--mantine-color-error": colors.red[4] },
});
