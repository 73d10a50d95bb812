import { describe, expect, it } from 'vitest';
import { usersIn } from '#dist/core/realtime/users-in-line.js';

describe('the users of a line that is no event', () => {
  it.each([
    ['{"user":"ann","item":"bob","type":"shout"}', ['ann']],
    ['{"user":12,"item":"ann"}', ['12']],
    // --columns user=who may have said so.
    ['{"user":"Ann Lee","who":"ann","trackId":"bob","ts":5}', ['Ann Lee', 'ann']],
    ['{"user":12345678901234567890,"item":"x"}', ['12345678901234567890']],
    ['{"user":"Ann Lee","by":{"account":{"name":"ann"}},"track":{"id":"bob"}}', ['Ann Lee', 'ann']],
  ])('are whom an object names, or may name, and nobody else: %s', (line, users) => {
    expect([...usersIn(line)]).toEqual(users);
  });

  it.each([
    ['a line that was cut short', '{"user":"Ann Lee","item":"so', 'Ann Lee'],
    ['letters that are escaped', String.raw`{"user":"Ann\u00e9","it`, 'Anné'],
    ['another name of the key', '{"userId":"spotify:user:ann","item":"x"}', 'spotify:user:ann'],
    ['a number of too many digits', '{"user":12345678901234567890,"item":"x"}', '12345678901234567890'],
    ['cells', 'Ann Lee, x,2024-01-01', 'Ann Lee'],
    ['words', 'user=ann item=x', 'ann'],
    ['text within text', String.raw`{"offset":1,"line":"{\"user\":\"ann\"}"`, 'ann'],
  ])('may be in %s', (_, line, user) => expect(usersIn(line)).toContain(user));

  it('are none where an id is a part of a word', () => expect(usersIn('joanna,x,2024')).not.toContain('ann'));
});
