"""Defaults and bounds of options. Made by scripts/make-python-options.mjs."""

K = 10
K_RANGE = (1, 1000000)
MIN_EVENTS = 5
MIN_EVENTS_RANGE = (0, 1000000)
KIND = "item"
