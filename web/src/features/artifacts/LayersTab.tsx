// SPDX-License-Identifier: Apache-2.0
import { Progress, Stack, Text } from "@mantine/core";
import type { ArtifactSubject } from "@/shell/feature";
import { Bytes, Command, Copyable, Empty, formatBytes, Loading, shortDigest } from "@/ui";
import { counted, words } from "@/words";
import classes from "./artifacts.module.css";
import { Loaded } from "./Loaded";
import { type Facts, useArtifact } from "./queries";

const texts = words.artifacts.layers;
const percents = new Intl.NumberFormat("en", { style: "percent", maximumFractionDigits: 1 });

export default function LayersTab({ subject }: { subject: ArtifactSubject }) {
  const query = useArtifact(subject.repository, subject.digest);
  return (
    <Loaded query={query}>
      {({ facts }) => {
        if (!facts) return <Loading />;
        if (!facts.layers.length) return <Empty title={texts.none} text={texts.noneHint} />;
        return <Layers layers={facts.layers} />;
      }}
    </Loaded>
  );
}

function Layers({ layers }: { layers: Facts["layers"] }) {
  const total = layers.reduce((sum, layer) => sum + layer.size, 0);
  return (
    <Stack gap="sm">
      <Text c="dimmed" size="sm">
        {texts.summary(counted(layers.length, texts.forms), formatBytes(total))}
      </Text>
      <ol className={classes.layers} aria-label={texts.list}>
        {layers.map((layer, index) => {
          const share = total ? layer.size / total : 0;
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: an artifact may have one layer twice, and never changes
            <li key={index}>
              <span className={classes.layerNumber}>{index + 1}</span>
              <div className={classes.layerSize}>
                <Bytes value={layer.size} />
                <Progress
                  value={share * 100}
                  size="sm"
                  aria-label={texts.shareOf(percents.format(share))}
                  title={texts.shareOf(percents.format(share))}
                />
              </div>
              <div className={classes.layerWhat}>
                <Copyable value={layer.digest} shown={shortDigest(layer.digest)} what={layer.digest} />
                <Text size="xs" c="dimmed" className={classes.anywhere}>
                  {layer.media_type}
                </Text>
              </div>
              <div className={classes.layerCommand}>
                {layer.command ? (
                  <Command text={layer.command} what={texts.command} />
                ) : (
                  <Text size="sm" c="dimmed">
                    {texts.noCommand}
                  </Text>
                )}
              </div>
            </li>
          );
        })}
      </ol>
    </Stack>
  );
}
