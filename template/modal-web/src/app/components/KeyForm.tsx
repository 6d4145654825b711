import { type SubmitEvent, useId, useRef, useState } from "react";
import { type KeyKind, useRefusal } from "../utils/keys";
import { useOpenWithKey } from "../utils/queries";
import { Problem } from "./Problem";

interface Props {
  kind: KeyKind;
  label: string;
  action: string;
}

/** Asks for a key, and keeps it once the API has accepted it. */
export function KeyForm({ kind, label, action }: Props) {
  const [key, setKey] = useState("");
  const field = useRef<HTMLInputElement>(null);
  const id = useId();
  const { mutate, error, isPending } = useOpenWithKey(kind);
  const refusal = useRefusal(kind);
  const problem = isPending ? null : (error ?? refusal);

  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (!isPending) {
      mutate(key.trim(), { onError: () => field.current?.focus() });
    }
  };

  return (
    <form className="key-form panel" onSubmit={submit}>
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        ref={field}
        type="password"
        autoComplete="off"
        spellCheck={false}
        required
        // A header can carry nothing else.
        pattern="[ -~]*"
        title="A key is made of plain letters, digits and signs."
        value={key}
        onChange={(event) => setKey(event.target.value)}
      />
      <button type="submit" className="button button-primary" aria-disabled={isPending}>
        {action}
      </button>
      {problem && <Problem error={problem} />}
    </form>
  );
}
