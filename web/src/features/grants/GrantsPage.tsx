// SPDX-License-Identifier: Apache-2.0
import { Button, Group } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconLock, IconPlus } from "@tabler/icons-react";
import { Problem } from "@/api";
import { useMay } from "@/shell/session";
import {
  actionsColumn,
  type Column,
  Dialog,
  Empty,
  EndlessTable,
  Filter,
  Notice,
  On,
  Page,
  Principal,
  Refusal,
  RoleName,
  sinceAndBy,
  Tags,
  Until,
  useInAddress,
} from "@/ui";
import { words } from "@/words";
import { GiveGrant } from "./GiveGrant";
import { covered } from "./patterns";
import { type Grant, useGrants } from "./queries";
import { TakeGrant } from "./TakeGrant";

const text = words.grants;

const COLUMNS: Column<Grant>[] = [
  { id: "who", header: text.columns.who, cell: ({ row }) => <Principal identity={row.original.principal} /> },
  { id: "role", header: text.columns.role, cell: ({ row }) => <RoleName role={row.original.role} /> },
  {
    id: "pattern",
    header: text.columns.pattern,
    cell: ({ row: { original } }) => (
      <On pattern={original.path_pattern} meaning={covered(original.path_pattern)} />
    ),
  },
  {
    id: "tags",
    header: text.columns.tags,
    cell: ({ row }) => <Tags pattern={row.original.tag_pattern} />,
  },
  { id: "until", header: text.columns.until, cell: ({ row }) => <Until at={row.original.expires_at} /> },
  ...sinceAndBy(text.columns, (grant: Grant) => [grant.created_at, grant.created_by]),
];

const CHANGING_COLUMNS: Column<Grant>[] = [
  ...COLUMNS,
  actionsColumn((grant) => (grant.opening ? text.ofBreakGlass : <TakeGrant grant={grant} />)),
];

export default function GrantsPage() {
  const [principal] = useInAddress("principal");
  const [within] = useInAddress("within");
  const list = useGrants(principal.trim(), within.trim());
  const [isOpen, { open, close }] = useDisclosure();
  const isAdministrator = useMay("administer");
  const mayOnlyRead = useMay("read-accounts") && !isAdministrator;
  const give = (isAdministrator || (list.isSuccess && !mayOnlyRead)) && (
    <Button leftSection={<IconPlus size={16} />} onClick={open}>
      {text.give}
    </Button>
  );
  return (
    <Page title={text.title} about={text.about} actions={give}>
      <Group gap="sm" grow preventGrowOverflow={false}>
        <Filter name="principal" label={text.filters.principal} />
        <Filter name="within" label={text.filters.within} />
      </Group>
      <Listed
        list={list}
        columns={mayOnlyRead ? COLUMNS : CHANGING_COLUMNS}
        isFiltered={principal !== "" || within !== ""}
      />
      <Dialog size="lg" title={text.giving.title} isOpen={isOpen} onClose={close}>
        <GiveGrant within={within.trim()} onEnd={close} />
      </Dialog>
    </Page>
  );
}

function Listed({
  list,
  columns,
  isFiltered,
}: {
  list: ReturnType<typeof useGrants>;
  columns: Column<Grant>[];
  isFiltered: boolean;
}) {
  const status = list.error instanceof Problem ? list.error.status : 0;
  if (status === 400) return <Refusal error={list.error} />;
  if (status === 403 && !isFiltered)
    return <Notice icon={IconLock} color="yellow" title={words.ui.forbidden} text={text.forbidden} />;
  return (
    <EndlessTable
      label={text.title}
      list={list}
      columns={columns}
      keyOf={({ principal, path_pattern, role, tag_pattern, opening }) =>
        [principal, path_pattern, role, tag_pattern, opening].join(" ")
      }
      empty={
        isFiltered ? (
          <Empty title={text.noneMatches} text={text.noneMatchesHint} />
        ) : (
          <Empty title={text.none} text={text.noneHint} />
        )
      }
    />
  );
}
