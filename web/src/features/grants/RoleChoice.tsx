// SPDX-License-Identifier: Apache-2.0
import { Choice } from "@/ui";
import { words } from "@/words";
import { type CustomRole, optionsOf } from "./roles";

interface Properties {
  value: string;
  onChange: (role: string) => void;
  /** Those that are not built in. */
  roles: readonly CustomRole[];
  /** Whether it is a role in running the registry. */
  isSystem?: boolean;
}

/** Asks for a role, from little to much. */
export function RoleChoice({ value, onChange, roles, isSystem = false }: Properties) {
  return (
    <Choice
      label={words.roles.role}
      options={isSystem ? words.roles.system : optionsOf(roles)}
      value={value}
      onChange={onChange}
    />
  );
}
