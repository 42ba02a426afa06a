// SPDX-License-Identifier: Apache-2.0
/** The typed client of the management API, for a browser that is logged in by a cookie. */

import createClient from "openapi-fetch";
import { Problem, problemOf, UNREACHABLE } from "./problem";
import type { paths } from "./schema.gen";

const REAUTHENTICATION_NEEDED = "reauthentication_needed";
const APPROVAL_NEEDED = "approval_needed";
const SAFE = new Set(["GET", "HEAD"]);

/** Where the console is served, without the slash at the end: the prefix of every path of the API. */
export const ROOT = new URL(document.baseURI).pathname.replace(/\/$/, "");

let csrfToken = "";
let proveAgain: () => Promise<boolean> = async () => false;
let onLoggedOut: () => void = () => {};
let onApprovalNeeded: (refusal: Problem) => void = () => {};

/** Send this token with everything that changes something. */
export function setCsrfToken(token: string): void {
  csrfToken = token;
}

/** Ask the user through `ask` when an act needs a fresh proof of identity; the act is then tried once more. */
export function askToProveAgain(ask: () => Promise<boolean>): void {
  proveAgain = ask;
}

/** Call `tell` when the server no longer knows the login. */
export function whenLoggedOut(tell: () => void): void {
  onLoggedOut = tell;
}

/** Call `tell` when an act was refused that takes a second person; the refusal says what to ask for. */
export function whenApprovalNeeded(tell: (refusal: Problem) => void): void {
  onApprovalNeeded = tell;
}

async function send(request: Request): Promise<Response> {
  const again = request.clone();
  let response = await once(request);
  if (response.status === 401) onLoggedOut();
  if ((await forbidden(response))?.code === REAUTHENTICATION_NEEDED && (await proveAgain())) {
    response = await once(again);
  }
  const refusal = await forbidden(response);
  if (refusal?.code === APPROVAL_NEEDED) onApprovalNeeded(refusal);
  return response;
}

async function forbidden(response: Response): Promise<Problem | undefined> {
  return response.status === 403 ? problemOf(response, await json(response.clone())) : undefined;
}

async function once(request: Request): Promise<Response> {
  if (!SAFE.has(request.method)) request.headers.set("X-CSRF-Token", csrfToken);
  try {
    return await fetch(request);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Problem({ code: UNREACHABLE, status: 0, detail: String(error), request_id: "" });
  }
}

async function json(response: Response): Promise<unknown> {
  return response.json().catch(() => undefined);
}

/** Fill in the parameters of a path. Slashes stay: names of repositories have them. */
function path(template: string, values: Record<string, unknown>): string {
  return template.replace(/\{([^}]+)\}/g, (_, name: string) =>
    encodeURIComponent(String(values[name])).replaceAll("%2F", "/").replaceAll("%3A", ":"),
  );
}

export const api = createClient<paths>({
  baseUrl: ROOT,
  fetch: send,
  credentials: "same-origin",
  pathSerializer: path,
});

/** What the client gives: `data`, or an `error`. */
export interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** Return what was answered. Throws `Problem`. */
export async function answer<T>(asked: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await asked;
  if (!response.ok) throw problemOf(response, error);
  return data as T;
}
