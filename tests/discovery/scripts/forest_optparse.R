#!/usr/bin/env Rscript
# A random forest on a table, with optparse.
library(optparse)
library(ranger)

option_list <- list(
  make_option(c("-d", "--data"), type = "character", default = "train.csv",
              help = "table to read [default %default]"),
  make_option(c("-t", "--num-trees"), type = "integer", default = 500L,
              help = "trees, more # are slower [default %default]"),
  make_option("--mtry", type = "double", default = 0.3,
              help = "share of the columns at each split"),
  make_option("--min-node-size", type = "integer", default = 5L, dest = "min_node_size"),
  make_option("--max-depth", type = "integer", default = 0L, help = "0: no limit"),
  make_option("--sample-fraction", type = "double", default = 0.632),
  make_option("--splitrule", type = "character", default = "gini"),
  make_option(c("-s", "--seed"), type = "integer", default = 1L),
  make_option(c("-q", "--quiet"), action = "store_true", default = FALSE)
)
opt <- parse_args(OptionParser(option_list = option_list))
set.seed(opt$seed)

rows <- read.csv(opt$data)
fit <- ranger(y ~ ., data = rows, num.trees = opt$num_trees, mtry = opt$mtry)
message("fitted")
cat(sprintf("oob error: %.4f\n", fit$prediction.error))
