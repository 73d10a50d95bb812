/** SQL that somebody wrote: one SELECT, which sees what it is given and changes nothing (the session has no access to anything else). */
import { AppError } from '../../errors.js';
import type { DuckdbSession } from '../duckdb-session.js';
import { described, type Relation } from './relation.js';

/** The rows of a query. AppError 'bad-usage' for what is no SELECT, or fails. @param what names it in errors */
export async function queried(sql: string, what: string, session: DuckdbSession): Promise<Relation> {
  const { connection, duckdb } = session;
  if (sql.trim() === '') throw notSelect(what, 'nothing');
  const [verb = ''] = /^\s*\(*\s*[a-z]+/i.exec(sql) ?? [];
  if (
    /^\W*(?:copy|attach|detach|install|load|set|reset|pragma|call|create|insert|update|delete|drop|alter|use)$/i.test(
      verb,
    )
  )
    throw notSelect(what, verb.trim().toUpperCase());
  try {
    const statements = await connection.extractStatements(sql);
    if (statements.count !== 1) throw notSelect(what, `${String(statements.count)} statements`);
    const { statementType } = await statements.prepare(0);
    if (statementType !== duckdb.StatementType.SELECT)
      throw notSelect(what, duckdb.StatementType[statementType]);
    // A view ends where its statement does, whatever comment follows.
    await session.rows(`CREATE OR REPLACE TEMP VIEW segue_query AS ${sql}`);
    return await described('segue_query', session);
  } catch (error) {
    if (error instanceof AppError) throw error;
    const [reason = '', ...more] = (error instanceof Error ? error.message : String(error)).split('\n');
    const meant = more.find((line) => /^(?:Did you mean|Candidate)/.test(line));
    throw new AppError('bad-usage', `${what}: ${reason}`, {
      suggestions: meant === undefined ? [] : [meant],
      details: { sql },
      cause: error,
    });
  }
}

function notSelect(what: string, got: string): AppError {
  return new AppError('bad-usage', `${what} holds ${got}; one SELECT is wanted`, {
    suggestions: ['such as: select "user", item from events1 where hours > 1'],
  });
}
