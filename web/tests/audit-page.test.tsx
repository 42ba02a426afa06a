// SPDX-License-Identifier: Apache-2.0
import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, test, vi } from "vitest";
import {
  AT,
  answers,
  asked,
  ERASED,
  GIVEN,
  HOLD,
  lastAsked,
  minutesAgo,
  open,
  refusal,
  SIGNED,
  STANDING,
  violations,
} from "./audit-fakes";

const AUDITOR = ["read-audit"];
const ADMINISTRATOR = ["read-audit", "administer"];

async function rows(): Promise<string[]> {
  const found = await screen.findAllByRole("row");
  return found.slice(1).map((row) => row.textContent ?? "");
}

describe("the list of records", () => {
  test("is in words, with erased names as such", async () => {
    open("/audit");

    const [first, second] = await rows();
    for (const part of ["Grant given", "erased", "Refused"]) expect(first).toContain(part);
    for (const part of ["Grant given", "alice", "bob", "Done", "203.0.113.7"]) expect(second).toContain(part);
    expect(await violations()).toEqual([]);
  });

  test("is what the address asks for", async () => {
    open("/audit?principal=user:alice&outcome=done&since=2026-11-22T12:00:00Z");
    await rows();

    const query = Object.fromEntries(lastAsked("/audit/records")?.url.searchParams ?? []);
    expect(query).toMatchObject({ principal: "user:alice", outcome: "done", since: "2026-11-22T12:00:00Z" });
  });

  test("says what to do when nothing matches", async () => {
    answers["GET /audit/records"] = { items: [] };
    const { user, search } = open("/audit?tag=v1");

    await user.click(await screen.findByText("Show all records"));

    await screen.findByText("Nothing is recorded yet");
    expect(search()).toEqual({});
  });

  test("says why it was refused", async () => {
    answers["GET /audit/records"] = refusal(400, "audit_type_unknown", "there is no type of record novel");
    open("/audit?type=novel");

    await screen.findByText("There is no type of record novel.");
    await screen.findByText(/Choose what happened from the list/);
  });
});

describe("the search", () => {
  test("puts what is typed into the address, a bare name as that of a user", async () => {
    const { user, search } = open("/audit");
    await user.type(await screen.findByLabelText("Who"), "alice{Enter}");

    await waitFor(() => expect(search()).toEqual({ principal: "user:alice" }));
    expect((screen.getByLabelText("Who") as HTMLInputElement).value).toBe("user:alice");
  });

  test("of the last day begins a day ago, and keeps the rest", async () => {
    const { user, search } = open("/audit?type=grant&until=2026-11-22T12:00:00Z");

    await user.click(await screen.findByRole("button", { name: "24 hours" }));

    await waitFor(() => expect(search().until).toBeUndefined());
    expect(search().type).toBe("grant");
    expect(Date.now() - Date.parse(search().since ?? "")).toBeLessThan(86_400_000 + 61_000);
  });

  test("shows the fields that are in use, and follows the address", async () => {
    open("/audit?address=203.0.113.7");

    const field = await screen.findByLabelText("From the address");
    expect((field as HTMLInputElement).value).toBe("203.0.113.7");
    screen.getByRole("button", { name: "More to search by, 1 in use", expanded: true });
  });

  test("that is sent again asks what happened since", async () => {
    const { user } = open("/audit");
    await rows();
    answers["GET /audit/records"] = { items: [{ ...GIVEN, seq: 19 }, ERASED, GIVEN] };

    await user.click(screen.getByRole("button", { name: "Search" }));

    await waitFor(async () => expect(await rows()).toHaveLength(3));
  });
});

describe("a record", () => {
  test("opens with all that is known, and leads to others", async () => {
    const { user, search } = open("/audit?outcome=done");
    await rows();
    await user.click(screen.getAllByRole("link", { name: "Grant given" })[1] as HTMLElement);

    const panel = await screen.findByRole("dialog");
    for (const told of ["case 12", "req-1", "ab".repeat(32), "session:01", "curl/8"])
      expect(panel.textContent).toContain(told);
    expect(within(panel).getByText("read").tagName).toBe("DEL");
    expect(within(panel).getByText("write").tagName).toBe("INS");
    expect(await violations()).toEqual([]);
    await user.click(within(panel).getByText("Everything by this principal"));
    await waitFor(() => expect(search()).toEqual({ principal: "user:alice" }));
    expect(screen.queryByRole("dialog")).toBeNull();
  });

  test("that is erased offers no search for whom it was about", async () => {
    open(`/audit?record=18@${GIVEN.at}`);

    const panel = await screen.findByRole("dialog");
    await within(panel).findByText("The details of this record were erased.");
    expect(within(panel).queryByText("Everything by this principal")).toBeNull();
    within(panel).getByText("Everything in this request");
  });

  test("is found by its address when the list has it not", async () => {
    open(`/audit?type=user&record=99@${GIVEN.at}`);

    await screen.findByText("There is no such record");
    const query = asked.map(({ url }) => url.searchParams).find((each) => each.get("limit") === "1000");
    expect([query?.get("since"), query?.get("until")]).toEqual([GIVEN.at, "2026-11-22T13:00:00.251Z"]);
  });
});

test("an export is of the present search, and says that it is recorded", async () => {
  const { user } = open("/audit?type=grant");
  await user.click(await screen.findByRole("button", { name: "Export…" }));
  await screen.findByText(/is recorded in the audit log/);
  expect(await violations()).toEqual([]);

  await user.click(screen.getByLabelText("CSV"));

  const link = screen.getByRole("link", { name: "Download" });
  expect(link.getAttribute("href")).toContain("/api/v1/audit/records:export?type=grant&format=csv");
});

describe("saved searches", () => {
  const SAVED = {
    name: "refusals",
    owner: "user:otto",
    is_own: true,
    is_shared: true,
    filter: { outcome: "refused" },
    created_at: GIVEN.at,
  };
  const OTHERS = { ...SAVED, name: "grants", owner: "user:olga", is_own: false };

  test("are chosen, and only one's own can be deleted", async () => {
    answers["GET /audit/filters"] = { items: [SAVED, OTHERS] };
    const { user, search } = open("/audit?tag=v1");
    await user.click(await screen.findByRole("button", { name: "Saved searches" }));
    await screen.findByText("of olga");
    expect(screen.getAllByRole("button", { name: /Delete the saved search/ })).toHaveLength(1);
    expect(await violations()).toEqual([]);

    await user.click(screen.getByText("refusals"));

    await waitFor(() => expect(search()).toEqual({ outcome: "refused" }));
  });

  test("are deleted after a question", async () => {
    answers["GET /audit/filters"] = { items: [SAVED] };
    answers["DELETE /audit/filters/refusals"] = new Response(null, { status: 204 });
    const { user } = open("/audit");
    await user.click(await screen.findByRole("button", { name: "Saved searches" }));
    await user.click(await screen.findByRole("button", { name: "Delete the saved search refusals" }));

    await user.click(await screen.findByRole("button", { name: "Delete search" }));

    await waitFor(() => expect(lastAsked("/audit/filters/refusals", "DELETE")).toBeDefined());
  });

  test("are saved under a name, without their span of time", async () => {
    const { user } = open("/audit?type=grant&since=2026-11-22T12:00:00Z");
    await user.click(await screen.findByRole("button", { name: "Save this search…" }));
    await screen.findByText(/The span of time is not saved/);
    await user.type(screen.getByLabelText(/^Name/), "all grants");
    await user.click(screen.getByRole("switch"));

    await user.click(screen.getByRole("button", { name: "Save search" }));

    await waitFor(() =>
      expect(lastAsked("/audit/filters/all%20grants", "PUT")?.body).toEqual({
        filter: { type: "grant" },
        is_shared: true,
      }),
    );
  });

  test("cannot be of everything", async () => {
    open("/audit");

    const save = await screen.findByRole("button", { name: "Save this search…" });
    expect((save as HTMLButtonElement).disabled).toBe(true);
  });
});

describe("the standing", () => {
  test("tells months with their records, the checkpoint and the keys", async () => {
    open("/audit?tab=standing");

    const months = await screen.findByRole("table", { name: "Months" });
    const [, november, october] = within(months).getAllByRole("row");
    for (const part of ["November 2026", "1,200", "Kept"]) expect(november?.textContent).toContain(part);
    for (const part of ["October 2026", "100", "Dropped"]) expect(october?.textContent).toContain(part);
    screen.getByText("key-of-novem");
    screen.getByText("300");
    expect(await violations()).toEqual([]);
  });

  test("warns when records are old and not signed", async () => {
    answers["GET /audit/records"] = { items: [{ ...GIVEN, seq: 1_100 }] };
    open("/audit?tab=standing");

    await screen.findByText("Checkpoints are late");
  });

  test.each([
    ["what is not signed has only just happened", SIGNED, 900],
    ["everything is signed", { ...SIGNED, seq: 1_300 }, 1_300],
    ["a checkpoint was made of late", { ...SIGNED, signed_at: minutesAgo(1) }, 1_100],
  ])("does not warn when %s", async (_, newest_checkpoint, seq) => {
    answers["GET /audit"] = { ...STANDING, newest_checkpoint };
    answers["GET /audit/records"] = { items: [{ ...GIVEN, seq }] };
    open("/audit?tab=standing");
    await screen.findByText("entrepot audit verify");

    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(screen.queryByText("Checkpoints are late")).toBeNull();
  });

  test("tells how far each destination is, and what it said if it fails", async () => {
    const siem = {
      destination: "siem",
      is_configured: true,
      seq: 1_290,
      delivered_at: AT,
      failing_since: AT,
      last_error: "connection refused",
      retry_at: AT,
    };
    const anchors = {
      ...siem,
      destination: "siem/checkpoints",
      seq: 1_000,
      failing_since: null,
      last_error: null,
      retry_at: null,
    };
    const former = { ...anchors, destination: "old", is_configured: false };
    answers["GET /audit"] = { ...STANDING, deliveries: [siem, anchors, former] };
    open("/audit?tab=standing");

    const table = await screen.findByRole("table", { name: "Delivered elsewhere" });
    const [, ...told] = within(table)
      .getAllByRole("row")
      .map((row) => row.textContent ?? "");
    for (const part of ["siem", "Fails since", "10 records", "connection refused", "tried again"])
      expect(told[0]).toContain(part);
    for (const part of ["siem/checkpoints", "Takes it", "0 records"]) expect(told[1]).toContain(part);
    expect(told[2]).toContain("Not in use");
    expect(await violations()).toEqual([]);
  });

  test("shows which registries it is a witness for, and which contradicts itself", async () => {
    const one = {
      origin: "robot:_.berlin",
      checkpoints: 12,
      seq: 900,
      received_at: AT,
      contradicted_at: null,
    };
    const other = { ...one, origin: "robot:_.paris", contradicted_at: AT };
    answers["GET /audit"] = { ...STANDING, origins: [one, other] };
    open("/audit?tab=standing");

    const table = await screen.findByRole("table", { name: "Witness for other registries" });
    const [, ...told] = within(table)
      .getAllByRole("row")
      .map((row) => row.textContent ?? "");
    for (const part of ["robot:_.berlin", "Fits together", "12", "900"]) expect(told[0]).toContain(part);
    for (const part of ["robot:_.paris", "Contradicts itself since"]) expect(told[1]).toContain(part);
    expect(await violations()).toEqual([]);
  });

  test("hands out every checkpoint, a token on each line", async () => {
    answers["GET /audit/checkpoints"] = { items: [{ token: "d.e.f" }, { token: "a.b.c" }] };
    const blobs: Blob[] = [];
    vi.spyOn(URL, "createObjectURL").mockImplementation((blob) => {
      blobs.push(blob as Blob);
      return "blob:saved";
    });
    const clicked = vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(() => {});
    const { user } = open("/audit?tab=standing");

    await user.click(await screen.findByRole("button", { name: "Download all checkpoints" }));

    await waitFor(() => expect(blobs).toHaveLength(1));
    expect(await blobs[0]?.text()).toBe("d.e.f\na.b.c\n");
    expect(clicked).toHaveBeenCalledOnce();
    vi.restoreAllMocks();
  });
});

describe("holds", () => {
  test("are read by auditors, who may change none", async () => {
    open("/audit?tab=holds", AUDITOR);

    expect((await rows())[0]).toContain("In force");
    for (const act of ["Place a hold", "Erase a name…", "Release the hold: case 12"])
      expect(screen.queryByRole("button", { name: act })).toBeNull();
    expect(await violations()).toEqual([]);
  });

  test("are placed by administrators, with an end after the beginning", async () => {
    const { user } = open("/audit?tab=holds", ADMINISTRATOR);
    await user.click(await screen.findByRole("button", { name: "Place a hold" }));
    const begins = await screen.findByLabelText(/^From/);
    await user.type(screen.getByLabelText(/^Reason/), "case 13");
    await user.type(begins, "2026-11-01T12:00");
    await user.type(screen.getByLabelText(/^Until/), "2026-10-01T12:00");
    screen.getByText("The end has to come after the beginning.");
    await user.clear(screen.getByLabelText(/^Until/));
    expect(await violations()).toEqual([]);

    await user.click(screen.getByRole("button", { name: "Place hold" }));

    const begins_at = new Date(2026, 10, 1, 12).toISOString();
    await waitFor(() =>
      expect(lastAsked("/audit/holds", "POST")?.body).toEqual({
        reason: "case 13",
        begins_at,
        ends_at: null,
      }),
    );
  });

  test("are released after a question", async () => {
    const { user } = open("/audit?tab=holds", ADMINISTRATOR);
    await user.click(await screen.findByRole("button", { name: "Release the hold: case 12" }));

    await user.click(await screen.findByRole("button", { name: "Release hold" }));

    await waitFor(() => expect(lastAsked(`/audit/holds/${HOLD.id}:release`, "POST")).toBeDefined());
  });
});

describe("the erasure of a name", () => {
  async function ask(confirmed: string) {
    const { user } = open("/audit?tab=holds", ADMINISTRATOR);
    await user.click(await screen.findByRole("button", { name: "Erase a name…" }));
    await user.type(await screen.findByLabelText(/^Name/), "alice");
    await user.type(screen.getByLabelText(/^Reason/), "request 17");
    await user.type(screen.getByLabelText("Type user:alice to confirm"), confirmed);
    return { user, act: screen.getByRole("button", { name: "Erase for good" }) as HTMLButtonElement };
  }

  test("takes that the name is typed once more", async () => {
    const { act } = await ask("alice");

    expect(act.disabled).toBe(true);
    expect(await violations()).toEqual([]);
  });

  test("tells what went with it", async () => {
    answers["POST /audit/erasures"] = { details: 3 };
    const { user, act } = await ask("user:alice");

    await user.click(act);

    await screen.findByText("user:alice is forgotten. The details of 3 records are gone with it.");
    expect(lastAsked("/audit/erasures", "POST")?.body).toEqual({
      subject: "user:alice",
      reason: "request 17",
    });
  });

  test("is refused while a hold is in force, with the next step", async () => {
    answers["POST /audit/erasures"] = refusal(409, "audit_on_hold", "1 holds are in force: 01JD");
    const { user, act } = await ask("user:alice");
    screen.getByText("A hold is in force: nothing is erased before it is released.");

    await user.click(act);

    await screen.findByText(/The tab Holds of the audit log shows which/);
  });
});
