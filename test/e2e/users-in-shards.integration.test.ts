/** All of users-in-shards.test.ts. */
import './users-in-shards.test.js';
