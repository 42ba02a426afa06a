// SPDX-License-Identifier: Apache-2.0
import { useQuery } from "@tanstack/react-query";
import { ROOT } from "@/api";
import { Page } from "@/ui";

export default function PlantedPage() {
  const word = useQuery({
    queryKey: ["planted"],
    queryFn: async () => ((await (await fetch(`${ROOT}/api/v1/planted`)).json()) as { word: string }).word,
  });
  return <Page title="Planted page">{word.data}</Page>;
}
