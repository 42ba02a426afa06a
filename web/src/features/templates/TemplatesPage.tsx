// SPDX-License-Identifier: Apache-2.0
import { useMay } from "@/shell/session";
import { Page } from "@/ui";
import { words } from "@/words";
import { CreateTemplate } from "./CreateTemplate";
import { TemplateList } from "./TemplateList";

const text = words.templates;

/** The templates of the registry. */
export default function TemplatesPage() {
  const mayChange = useMay("administer");
  return (
    <Page title={text.title} about={text.about} actions={mayChange && <CreateTemplate project="" />}>
      <TemplateList project="" mayChange={mayChange} />
    </Page>
  );
}
