import { type SubmitEvent, useId, useState } from "react";
import type { NewTask } from "../utils/api";
import { draftOfSearch, startDraft, toNewTask } from "../utils/parameters";
import { settings } from "../utils/settings";
import { ParameterField } from "./ParameterField";

interface Props {
  /** The search of the address, which may hold numbers to start with. */
  search: string;
  isSending: boolean;
  onSend: (task: NewTask) => void;
}

/** Asks for a picture; what may be chosen is what the settings say. */
export function TaskForm({ search, isSending, onSend }: Props) {
  const [draft, setDraft] = useState(() => draftOfSearch(search));
  const modelId = useId();
  const models = Object.entries(settings.models);
  const model = settings.models[draft.model];

  const change = (name: string, text: string) =>
    setDraft(({ model, texts }) => ({ model, texts: { ...texts, [name]: text } }));

  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (!isSending) {
      onSend(toNewTask(draft));
    }
  };

  return (
    <form className="task-form panel" aria-label="New picture" onSubmit={submit}>
      {models.length > 1 && (
        <div className="field">
          <label htmlFor={modelId}>Model</label>
          <select
            id={modelId}
            value={draft.model}
            onChange={(event) => setDraft(startDraft(event.target.value))}
          >
            {models.map(([id, { title }]) => (
              <option key={id} value={id}>
                {title}
              </option>
            ))}
          </select>
        </div>
      )}
      <p className="quiet">{model?.about}</p>
      {Object.entries(model?.parameters ?? {}).map(([name, range]) => (
        <ParameterField
          key={name}
          range={range}
          text={draft.texts[name] ?? ""}
          onChange={(text) => change(name, text)}
        />
      ))}
      <button type="submit" className="button button-primary" aria-disabled={isSending}>
        Generate
      </button>
    </form>
  );
}
