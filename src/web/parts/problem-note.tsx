import type { ComponentChild } from 'preact';
import { useState } from 'preact/hooks';
import { safeText } from '../../cli/terminal/safe-text.js';
import type { Problem } from '../api/service.js';
import { useService } from '../api/service-context.js';
import { useSaid } from '../place/page-context.js';

interface ProblemNoteProps {
  readonly problem: Problem;
  readonly retry: () => void;
}

/** Why there is no answer, and what can be done about it. */
export function ProblemNote({ problem, retry }: ProblemNoteProps): ComponentChild {
  const { detail, suggestions, status, title } = problem;
  useSaid(`${title}: ${detail}`);
  return (
    <div class="problem">
      <p>
        <strong>{title}.</strong> <bdi>{safeText(detail)}</bdi>
      </p>
      {status === 401 ? <TokenForm /> : <Suggestions all={suggestions} />}
      <button type="button" onClick={retry}>
        Try again
      </button>
    </div>
  );
}

function Suggestions({ all }: { readonly all: readonly string[] }): ComponentChild {
  if (all.length === 0) return null;
  return (
    <ul>
      {all.map((each) => (
        <li key={each}>
          <bdi>{safeText(each)}</bdi>
        </li>
      ))}
    </ul>
  );
}

function TokenForm(): ComponentChild {
  const { service, refresh } = useService();
  const [token, setToken] = useState('');
  const enter = (event: Event): void => {
    event.preventDefault();
    if (token.trim() === '') return;
    service.setToken(token.trim());
    refresh();
  };
  return (
    <form class="token" onSubmit={enter}>
      <label for="token">The service asks for a token. Whoever runs it has one.</label>
      <input
        id="token"
        type="password"
        autocomplete="off"
        value={token}
        onInput={(event) => setToken(event.currentTarget.value)}
      />
      <button type="submit">Use it</button>
    </form>
  );
}
