// SPDX-License-Identifier: Apache-2.0
/** What people have made others' browsers run through Markdown; tests/e2e/test_descriptions.py shows the same to one. */
import attacks from "./markdown-attacks.json";

export const ATTACKS: readonly string[] = attacks;
