/** The same, interrupted at more epochs. */
import './long-runs.test.js';
