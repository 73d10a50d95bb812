// The browser over a few items in memory, on this process's terminal. The first argument says what goes wrong when
// neighbours are looked up.
import { runNeighbourBrowser } from '#dist/tui/run-browser.js';

const names = ['Come As You Are', 'Plush', '東京 \u001b[31mred', 'Even Flow'];
const all = names.map((name, row) => ({ row, item: { id: `id-${row}`, name } }));
const source = {
  snapshot: '0123456789abcdef',
  item: (id) => all.find(({ item }) => item.id === id),
  search: (text) => all.filter(({ item }) => item.name.toLowerCase().includes(text.toLowerCase())),
  neighbours: (row) =>
    all.filter((other) => other.row !== row).map((other) => ({ ...other, similarity: 0.5 })),
  close: () => {},
};

const fail = () => {
  throw new Error('something broke');
};
const troubles = {
  source: fail,
  uncaught: () => setTimeout(fail),
  exit: () => process.exit(9),
  SIGTERM: () => process.kill(process.pid, 'SIGTERM'),
  SIGHUP: () => process.kill(process.pid, 'SIGHUP'),
  SIGINT: () => process.kill(process.pid, 'SIGINT'),
};
const trouble = troubles[process.argv[2]];
if (trouble !== undefined) {
  source.neighbours = () => {
    trouble();
    return [];
  };
}

try {
  await runNeighbourBrowser(source);
  process.stdout.write('quit by its user\n');
} catch (error) {
  process.stdout.write(`failed: ${error.message}\n`);
  process.exitCode = 70;
}
