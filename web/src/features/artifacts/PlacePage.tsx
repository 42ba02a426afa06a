// SPDX-License-Identifier: Apache-2.0
import { useParams } from "@tanstack/react-router";
import { NotFound } from "@/shell/endings";
import { ArtifactPage } from "./ArtifactPage";
import { placeOf } from "./place";
import { RepositoriesPage } from "./RepositoriesPage";
import { RepositoryPage } from "./RepositoryPage";
import { TagPage } from "./TagPage";

/** Whatever lies at `/repositories`: all of them, one of them, one of its tags, one of its artifacts. */
export default function PlacePage() {
  const { _splat: rest = "" } = useParams({ strict: false }) as { _splat?: string };
  const place = placeOf(rest);
  if (!place) return <NotFound />;
  if (place.kind === "all") return <RepositoriesPage />;
  if (place.kind === "repository") return <RepositoryPage key={rest} name={place.repository} />;
  if (place.kind === "tag") return <TagPage key={rest} repository={place.repository} tag={place.tag} />;
  return <ArtifactPage key={rest} repository={place.repository} digest={place.digest} />;
}
