// SPDX-License-Identifier: Apache-2.0
// Writes src/api/schema.gen.ts: the types of the management API, from the document that the server publishes.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import openapiTS, { astToString } from "openapi-typescript";

const document = JSON.parse(await readFile("../docs/reference/openapi.json", "utf8"));
const types = astToString(await openapiTS(document, { defaultNonNullable: false }));

await mkdir("src/api", { recursive: true });
await writeFile("src/api/schema.gen.ts", types);
