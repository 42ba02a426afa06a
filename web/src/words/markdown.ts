// SPDX-License-Identifier: Apache-2.0
/** Said where Markdown is shown and written: loaded with it, and no part of `words`. */
export const markdown = {
  image: "Image, not loaded",
  task: (isDone: boolean) => (isDone ? "Done" : "To do"),
  nothing: "Nothing to show yet.",
};
