// SPDX-License-Identifier: Apache-2.0
/** The next step in the console, by the code of a problem, where the hint of the server names a request. */
export const hints: Readonly<Record<string, string>> = {
  audit_filter_unknown: "It may have been deleted. Load the page again.",
  audit_hold_unknown: "It may have been released already. Load the page again.",
  audit_on_hold:
    "The tab Holds of the audit log shows which; whoever placed it can say whether it may be released.",
  audit_subject_unknown: "Write the name as records have it. It may have been erased already.",
  audit_too_many_filters: "Delete some of your saved searches first.",
  audit_type_unknown: "Choose what happened from the list, or show all records.",
  eligibility_unknown: "It may have been taken away. Load the page again.",
  group_exists: "Choose another name, or put members into that group.",
  group_unknown: "Check the name, or look at the groups. It may have been deleted.",
  invitation_unknown: "It may have been revoked. Load the page again.",
  member_unknown: "It may have been taken out already. Load the page again.",
  name_unknown:
    "Check the address. If you should see it, ask an administrator of the project for the right to pull.",
  project_unknown: "Check the name. If you should see the project, ask an administrator for a role in it.",
  project_exists: "Choose another name, or open that project.",
  project_not_empty: "Delete their artifacts first: open each repository, and delete them there.",
  robot_exists: "Choose another name, or rotate the secret of that robot.",
  too_many_secrets: "Revoke one of its two secrets first, or rotate.",
  secret_unknown: "It may have been forgotten. Load the page again.",
  robot_unknown: "It may have been deleted. Look at the robots of its project.",
  role_exists: "Choose another name, or change that role.",
  role_in_use: "Take these grants away first, those that have ended too, on the page Grants.",
  role_not_understood: "Upgrade the registry, or say anew what the role allows.",
  role_unknown: "It may have been deleted. Look at the roles.",
  too_many_robots: "Delete some that are no longer needed.",
  too_many_roles: "Delete some that nobody has.",
  user_unknown: "It may have been deleted. Look at the users.",
};
