#!/bin/sh
# A batch job: everything comes from the environment.
LR=${LR:-0.0005}
BATCH=${BATCH:-16}
WARMUP_STEPS=${WARMUP_STEPS:-500}
EPOCHS=${EPOCHS:-3}
OUT=${OUT:-/tmp/run}

python finetune.py --learning-rate "$LR" --batch "$BATCH" --warmup "$WARMUP_STEPS" \
  --epochs "$EPOCHS" --out "$OUT" > "$OUT.log"
printf 'val_loss=%s\n' "$(tail -n 1 "$OUT.log")"
