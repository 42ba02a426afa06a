// SPDX-License-Identifier: Apache-2.0
/** What somebody proves beside the password. */

import { answer, api, type components } from "@/api";
import { assertionFrom } from "./passkey";

export type Proof = components["schemas"]["SecondFactorAnswer"];
export type Method = Proof["method"];

/** Six digits are a code of an app; anything else is a recovery code. */
export function codeProof(code: string): Proof {
  return { method: /^\d{6}$/.test(code.replace(/\s/g, "")) ? "totp" : "recovery_code", code };
}

/** Let a security key sign what the server asks. Throws `DOMException` when the user gives up. */
export async function passkeyProof(): Promise<Proof> {
  const { options } = await answer(api.POST("/api/v1/session/second-factor/challenge"));
  return { method: "webauthn", assertion: await assertionFrom(options) };
}
