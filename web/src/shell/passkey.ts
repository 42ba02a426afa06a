// SPDX-License-Identifier: Apache-2.0
/** Security keys and passkeys, between the JSON of the API and the browser (WebAuthn level 3, section 5.1). */

interface FromJson {
  parseCreationOptionsFromJSON(options: object): PublicKeyCredentialCreationOptions;
  parseRequestOptionsFromJSON(options: object): PublicKeyCredentialRequestOptions;
}

function parsers(): FromJson {
  return PublicKeyCredential as unknown as FromJson;
}

/** Whether this browser, at this address, can use security keys. */
export function hasPasskeys(): boolean {
  return window.isSecureContext && "PublicKeyCredential" in window;
}

/** Let the user prove a key; returns the assertion as JSON. Throws `DOMException` when the user gives up. */
export async function assertionFrom(options: object): Promise<string> {
  const publicKey = parsers().parseRequestOptionsFromJSON(options);
  return JSON.stringify(await navigator.credentials.get({ publicKey }));
}

/** Let the user set up a key; returns the attestation as JSON. Throws `DOMException` when the user gives up. */
export async function attestationFrom(options: object): Promise<string> {
  const publicKey = parsers().parseCreationOptionsFromJSON(options);
  return JSON.stringify(await navigator.credentials.create({ publicKey }));
}
