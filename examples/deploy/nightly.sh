#!/bin/bash
# Trains on all files of events, and publishes what passes the gates: nightly.sh FOLDER. The folder holds events/, items.csv,
# the root .segue, and perhaps segue-gates.yaml. A step that fails ends it, and readers keep the model of before.
set -eo pipefail
cd "$1"
export SEGUE_QUIET=1
segue train 'events/*.csv.gz' --items items.csv --tag nightly
segue build-index nightly --tag nightly
segue publish nightly --why "$(date -I)"
segue gc --keep 7
