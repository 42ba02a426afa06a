// SPDX-License-Identifier: Apache-2.0
import { useQuery } from "@tanstack/react-query";
import { answer, api, type components } from "@/api";

type Schemas = components["schemas"];
export type ModeView = Schemas["ModeView"];
export type Mode = Schemas["Mode"];
export type ModeRequest = Schemas["ModeRequest"];

/** The key of every answer about modes: the shell's banner asks under it too. */
export const KEY = "modes";

export function useProjectMode(name: string) {
  return useQuery({
    queryKey: [KEY, name],
    queryFn: ({ signal }) =>
      answer(api.GET("/api/v1/projects/{name}/mode", { params: { path: { name } }, signal })),
  });
}

export function setMode(body: ModeRequest): Promise<ModeView> {
  return answer(api.PUT("/api/v1/modes", { body }));
}

export function setProjectMode(name: string, body: ModeRequest): Promise<ModeView> {
  return answer(api.PUT("/api/v1/projects/{name}/mode", { params: { path: { name } }, body }));
}
