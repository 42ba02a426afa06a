// SPDX-License-Identifier: Apache-2.0
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api, type components } from "@/api";

type Schemas = components["schemas"];
export type Description = Schemas["DescriptionView"];
export type NewDescription = Schemas["DescriptionRequest"];
export type Owner = NonNullable<Description["owner"]>;

/** A repository or a project. */
export interface Place {
  kind: "repository" | "project";
  name: string;
}

function keyOf({ kind, name }: Place) {
  return [kind, name, "description"];
}

export function useDescription(place: Place) {
  const params = { path: { name: place.name } };
  return useQuery({
    queryKey: keyOf(place),
    queryFn: ({ signal }) =>
      answer(
        place.kind === "project"
          ? api.GET("/api/v1/projects/{name}/descriptions", { params, signal })
          : api.GET("/api/v1/repositories/{name}/-/descriptions", { params, signal }),
      ),
  });
}

/** Says something else of a place, unless somebody has since it was read. */
export function useDescribe(place: Place): (body: NewDescription) => Promise<Description> {
  const client = useQueryClient();
  const params = { path: { name: place.name } };
  return async (body) => {
    try {
      return await answer(
        place.kind === "project"
          ? api.PUT("/api/v1/projects/{name}/descriptions", { params, body })
          : api.PUT("/api/v1/repositories/{name}/-/descriptions", { params, body }),
      );
    } finally {
      for (const queryKey of [[place.kind, place.name], ["repositories"]])
        void client.invalidateQueries({ queryKey });
    }
  };
}
