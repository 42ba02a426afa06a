// SPDX-License-Identifier: Apache-2.0
const INDEXES = new Set([
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
]);

/** Whether a manifest of this media type lists other manifests. */
export function isIndex(mediaType: string): boolean {
  return INDEXES.has(mediaType);
}
