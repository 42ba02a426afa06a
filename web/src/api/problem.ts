// SPDX-License-Identifier: Apache-2.0
import type { components } from "./schema.gen";

type Described = components["schemas"]["Problem"];

/** Why a request was refused or failed: RFC 9457, with a code for programs and a hint for people. */
export class Problem extends Error {
  readonly code: string;
  readonly status: number;
  readonly hint: string | undefined;
  readonly requestId: string;
  /** What it is about, which depends on the code. */
  readonly about: unknown;

  constructor(described: Pick<Described, "code" | "status" | "detail" | "request_id" | "hint" | "about">) {
    super(described.detail);
    this.name = "Problem";
    this.code = described.code;
    this.status = described.status;
    this.hint = described.hint ?? undefined;
    this.requestId = described.request_id;
    this.about = described.about;
  }
}

/** Nothing was answered: the server or the network is away. */
export const UNREACHABLE = "unreachable";

/** Read the body of an answer that is no success; a proxy may have written it, so it may be anything. */
export function problemOf(response: Response, body: unknown): Problem {
  const described = (typeof body === "object" && body !== null ? body : {}) as Partial<Described>;
  return new Problem({
    code: described.code ?? `http_${response.status}`,
    status: response.status,
    detail: described.detail ?? (response.statusText || String(response.status)),
    hint: described.hint,
    about: described.about,
    request_id: described.request_id ?? response.headers.get("x-request-id") ?? "",
  });
}
