// SPDX-License-Identifier: Apache-2.0
/** The next step in the console, by the code of a problem, where the hint of the server names a request. */
export const hints: Readonly<Record<string, string>> = {
  name_unknown:
    "Check the address. If you should see it, ask an administrator of the project for the right to pull.",
  project_unknown: "Check the name. If you should see the project, ask an administrator for a role in it.",
  project_exists: "Choose another name, or open that project.",
  project_not_empty: "Delete their artifacts first: open each repository, and delete them there.",
  robot_exists: "Choose another name, or rotate the secret of that robot.",
  robot_unknown: "It may have been deleted. Look at the robots of its project.",
  too_many_robots: "Delete some that are no longer needed.",
  user_unknown: "It may have been deleted. Look at the users.",
};
