#!/usr/bin/env bash
# Trains a word embedding with an external program.
set -euo pipefail

lr=0.025
dim=100
window=5
negative=5
epochs=5
threads=8
corpus=corpus.txt

usage() {
  echo "usage: $0 [-l rate] [-d dim] [-w window] [-n negative] [-e epochs] [-t threads] [-c corpus] [-v]"
}

while getopts "l:d:w:n:e:t:c:vh" opt; do
  case "$opt" in
    l) lr="$OPTARG" ;;        # initial learning rate
    d) dim="$OPTARG" ;;       # size of the vectors
    w) window="$OPTARG" ;;
    n) negative="$OPTARG" ;;
    e) epochs="$OPTARG" ;;
    t) threads="$OPTARG" ;;
    c) corpus="$OPTARG" ;;
    v) set -x ;;
    h) usage; exit 0 ;;
    *) usage >&2; exit 2 ;;
  esac
done

./word2vec -train "$corpus" -alpha "$lr" -size "$dim" -window "$window" \
  -negative "$negative" -iter "$epochs" -threads "$threads" -output vectors.bin
score=$(./word-analogy-score vectors.bin)
echo "test accuracy: $score"
