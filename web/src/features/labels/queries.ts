// SPDX-License-Identifier: Apache-2.0
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api, type components } from "@/api";

type Schemas = components["schemas"];
export type Label = Schemas["LabelItem"];
export type Note = Schemas["NoteItem"];

/** An artifact of a repository. */
export interface Place {
  repository: string;
  digest: string;
}

const ONE = "/api/v1/repositories/{name}/-/artifacts/{digest}";

function pathOf({ repository, digest }: Place) {
  return { name: repository, digest };
}

export function useLabels(place: Place) {
  return useQuery({
    queryKey: ["repository", place.repository, "labels", place.digest],
    queryFn: ({ signal }) => answer(api.GET(`${ONE}/labels`, { params: { path: pathOf(place) }, signal })),
  });
}

export function useNotes(place: Place) {
  return useQuery({
    queryKey: ["repository", place.repository, "notes", place.digest],
    queryFn: ({ signal }) => answer(api.GET(`${ONE}/notes`, { params: { path: pathOf(place) }, signal })),
  });
}

/** Changes something about an artifact, and renews what is shown of its repository. */
function useRenewing({ repository }: Place): <Answer>(request: Promise<Answer>) => Promise<Answer> {
  const client = useQueryClient();
  return async (request) => {
    try {
      return await request;
    } finally {
      void client.invalidateQueries({ queryKey: ["repository", repository] });
    }
  };
}

/** Sets labels, and removes those whose value is null. */
export function useChangeLabels(place: Place) {
  const renewing = useRenewing(place);
  return (labels: Record<string, string | null>) =>
    renewing(answer(api.PATCH(`${ONE}/labels`, { params: { path: pathOf(place) }, body: { labels } })));
}

/** Writes a note, or gives one of the viewer's another text. */
export function useWriteNote(place: Place, note?: Note) {
  const renewing = useRenewing(place);
  return (text: string) => {
    const body = { text };
    const path = pathOf(place);
    return renewing(
      answer(
        note
          ? api.PUT(`${ONE}/notes/{note}`, { params: { path: { ...path, note: note.id } }, body })
          : api.POST(`${ONE}/notes`, { params: { path }, body }),
      ),
    );
  };
}

export function useDeleteNote(place: Place, { id }: Note) {
  const renewing = useRenewing(place);
  return () =>
    renewing(answer(api.DELETE(`${ONE}/notes/{note}`, { params: { path: { ...pathOf(place), note: id } } })));
}
