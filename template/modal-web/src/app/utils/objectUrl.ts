import { useEffect, useState } from "react";

/** An address for data that was fetched with a key; it is given back when it is not needed. */
export function useObjectUrl(data: Blob | undefined): string | undefined {
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    if (data === undefined) {
      return undefined;
    }
    const made = URL.createObjectURL(data);
    setUrl(made);
    return () => {
      URL.revokeObjectURL(made);
      setUrl(undefined);
    };
  }, [data]);
  return url;
}
