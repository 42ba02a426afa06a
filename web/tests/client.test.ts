// SPDX-License-Identifier: Apache-2.0
import { beforeEach, expect, test, vi } from "vitest";
import {
  answer,
  api,
  askToProveAgain,
  Problem,
  page,
  setCsrfToken,
  whenApprovalNeeded,
  whenLoggedOut,
} from "@/api";

const sent = vi.fn<(request: Request) => Promise<Response>>();

beforeEach(() => {
  sent.mockReset();
  globalThis.fetch = sent as unknown as typeof fetch;
  setCsrfToken("the-token");
  askToProveAgain(async () => false);
});

function refusal(status: number, code: string): Response {
  const body = { type: "about:blank", title: code, status, code, detail: "no", request_id: "r" };
  return new Response(JSON.stringify(body), {
    status,
    headers: { "content-type": "application/problem+json" },
  });
}

test("the slashes of a repository's name and the colon of a digest stay as they are", async () => {
  sent.mockResolvedValue(Response.json({}));

  await api.GET("/api/v1/repositories/{name}/-/artifacts/{digest}", {
    params: { path: { name: "team/a b", digest: "sha256:00" } },
  });

  expect(new URL(sent.mock.calls[0]?.[0].url ?? "").pathname).toBe(
    "/api/v1/repositories/team/a%20b/-/artifacts/sha256:00",
  );
});

test("only what changes something carries the token against forgery", async () => {
  sent.mockImplementation(async () => Response.json({}));

  await api.GET("/api/v1/users/me");
  await api.DELETE("/api/v1/session");

  expect(sent.mock.calls.map(([request]) => request.headers.get("x-csrf-token"))).toEqual([
    null,
    "the-token",
  ]);
});

test("a page knows the cursor of the next one", async () => {
  const headers = { link: '</api/v1/projects?limit=2&cursor=abc>; rel="next"' };
  sent.mockResolvedValue(Response.json({ items: [1, 2] }, { headers }));

  const found = await page(api.GET("/api/v1/projects"));

  expect(found).toEqual({ items: [1, 2], next: "abc" });
});

test("an act that needs a fresh proof is tried once more, with its body, when the proof was given", async () => {
  const bodies: string[] = [];
  sent.mockImplementation(async (request) => {
    bodies.push(await request.text());
    return bodies.length === 1 ? refusal(403, "reauthentication_needed") : Response.json({ name: "laptop" });
  });
  askToProveAgain(async () => true);

  await answer(api.POST("/api/v1/tokens", { body: { name: "laptop", expires_in_days: 1 } }));

  expect(bodies).toHaveLength(2);
  expect(bodies[0]).toBe(bodies[1]);
});

test("an act that needs a fresh proof fails when none was given", async () => {
  sent.mockImplementation(async () => refusal(403, "reauthentication_needed"));

  const acting = answer(api.POST("/api/v1/tokens", { body: { name: "laptop", expires_in_days: 1 } }));

  await expect(acting).rejects.toMatchObject({ code: "reauthentication_needed", status: 403 });
});

test("whoever listens is told once of an act that takes a second person, after a fresh proof too", async () => {
  const told = vi.fn();
  whenApprovalNeeded(told);
  askToProveAgain(async () => true);
  const codes = ["reauthentication_needed", "approval_needed"];
  sent.mockImplementation(async () => refusal(403, codes.shift() ?? ""));

  const acting = answer(api.POST("/api/v1/tokens", { body: { name: "laptop", expires_in_days: 1 } }));

  await expect(acting).rejects.toMatchObject({ code: "approval_needed" });
  expect(told).toHaveBeenCalledOnce();
});

test("whoever listens is told when the login is no longer known", async () => {
  const told = vi.fn();
  whenLoggedOut(told);
  sent.mockImplementation(async () => refusal(401, "session_ended"));

  await expect(answer(api.GET("/api/v1/users/me"))).rejects.toBeInstanceOf(Problem);

  expect(told).toHaveBeenCalledOnce();
});

test("a server that does not answer is a problem of its own", async () => {
  sent.mockRejectedValue(new TypeError("network"));

  await expect(answer(api.GET("/api/v1/users/me"))).rejects.toMatchObject({ code: "unreachable", status: 0 });
});

test("an answer that a proxy wrote keeps its status", async () => {
  sent.mockResolvedValue(new Response("<h1>Bad gateway</h1>", { status: 502, statusText: "Bad Gateway" }));

  await expect(answer(api.GET("/api/v1/users/me"))).rejects.toMatchObject({
    code: "http_502",
    message: "Bad Gateway",
  });
});
