// SPDX-License-Identifier: Apache-2.0
import { Button, Group, Stack } from "@mantine/core";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { type Column, Empty, EndlessTable, Moment, useInAddress } from "@/ui";
import { audit } from "@/words/audit";
import classes from "./audit.module.css";
import { ExportDialog } from "./ExportDialog";
import { type AuditRecord, useRecords, useRefresh } from "./queries";
import { RecordDetails } from "./RecordDetails";
import { SavedSearches } from "./SavedSearches";
import { SearchForm } from "./SearchForm";
import { About, Address, Happened, OutcomeBadge, Who } from "./shown";
import { fromAddress, isSame, type Terms, termsOf, toAddress } from "./terms";

const text = audit.list;
const columns = text.columns;

const COLUMNS: Column<AuditRecord>[] = [
  { id: "at", header: columns.at, cell: ({ row }) => <Moment at={row.original.at} /> },
  {
    id: "type",
    header: columns.type,
    cell: ({ row: { original } }) => (
      <Link
        className={classes.type}
        to="."
        search={((before: object) => ({ ...before, record: toAddress(original) })) as never}
      >
        <Happened record={original} />
      </Link>
    ),
  },
  { id: "who", header: columns.who, cell: ({ row }) => <Who identity={row.original.principal} /> },
  {
    id: "about",
    header: columns.about,
    cell: ({ row }) => <About record={row.original} />,
    meta: { isHiddenWhenNarrow: true },
  },
  {
    id: "outcome",
    header: columns.outcome,
    cell: ({ row }) => <OutcomeBadge outcome={row.original.outcome} />,
  },
  {
    id: "address",
    header: columns.address,
    cell: ({ row }) => <Address address={row.original.address} />,
    meta: { isHiddenWhenNarrow: true },
  },
];

export default function RecordsTab() {
  const terms = termsOf(useSearch({ strict: false }));
  const [opened, putOpened] = useInAddress("record");
  const navigate = useNavigate();
  const refresh = useRefresh();
  const list = useRecords(terms);
  const search = (wanted: Terms) => {
    // The same search again asks what happened since.
    if (isSame(wanted, terms)) refresh();
    else void navigate({ to: ".", search: wanted as never });
  };
  const place = fromAddress(opened);
  const loaded = list.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Stack>
      <SearchForm terms={terms} onSearch={search} />
      <Group gap="xs">
        <SavedSearches terms={terms} />
        <ExportDialog terms={terms} />
      </Group>
      <EndlessTable
        label={text.label}
        list={list}
        columns={COLUMNS}
        keyOf={(record) => String(record.seq)}
        empty={<Nothing isFiltered={Object.keys(terms).length > 0} />}
      />
      {place && (
        <RecordDetails
          place={place}
          known={loaded.find(({ seq }) => seq === place.seq)}
          onClose={() => putOpened("")}
        />
      )}
    </Stack>
  );
}

function Nothing({ isFiltered }: { isFiltered: boolean }) {
  if (!isFiltered) return <Empty title={text.none} text={text.noneHint} />;
  const action = (
    <Button component={Link} to="/audit" search={{} as never} variant="default" className={classes.whole}>
      {text.showAll}
    </Button>
  );
  return <Empty title={text.noneMatching} text={text.noneMatchingHint} action={action} />;
}
