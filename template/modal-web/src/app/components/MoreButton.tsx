interface Props {
  /** What "Show more" shows, so that several such buttons differ for those who hear them. */
  what: string;
  query: {
    hasNextPage: boolean;
    isFetchingNextPage: boolean;
    fetchNextPage: () => unknown;
  };
}

/** Loads the older part of a list, where there is one. */
export function MoreButton({ what, query }: Props) {
  if (!query.hasNextPage) {
    return null;
  }
  return (
    <button
      type="button"
      className="button more"
      aria-disabled={query.isFetchingNextPage}
      onClick={() => query.fetchNextPage()}
    >
      Show more {what}
    </button>
  );
}
