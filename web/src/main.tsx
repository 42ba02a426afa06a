// SPDX-License-Identifier: Apache-2.0
import "@mantine/core/styles.css";
import "@mantine/notifications/styles.css";
import "@mantine/spotlight/styles.css";
import "./shell/shell.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import * as registered from "./features";
import { Console } from "./shell/Console";

const FEATURES = Object.values(registered);
const place = document.getElementById("console");
if (!place) throw new Error("the page has no place for the console");
createRoot(place).render(
  <StrictMode>
    <Console features={FEATURES} />
  </StrictMode>,
);
