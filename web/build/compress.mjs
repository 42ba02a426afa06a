// SPDX-License-Identifier: Apache-2.0
// Writes a .br and a .gz beside every file of the built console that gets smaller by it, so that the server never compresses.
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

const folder = process.env.CONSOLE_OUT ?? "../src/entrepot/_ui";
const isText = /\.(js|css|svg|json|txt|webmanifest)$/;

const packed = {
  br: (bytes) =>
    promisify(brotliCompress)(bytes, {
      params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY },
    }),
  gz: (bytes) => promisify(gzip)(bytes, { level: 9 }),
};

for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !isText.test(entry.name)) continue;
  const path = join(entry.parentPath, entry.name);
  const bytes = await readFile(path);
  for (const [ending, pack] of Object.entries(packed)) {
    const smaller = await pack(bytes);
    if (smaller.length < bytes.length) await writeFile(`${path}.${ending}`, smaller);
  }
}
