"""Work of seconds that ^C must break off at once: one attack is a signal at a random moment of one of these."""
import os
import signal
import subprocess
import time

# Each takes seconds where nobody interrupts it. What stands before the bar prepares.
LONG = [
    "| svd(rand(1500, 1500))",
    "x = rand(2000, 2000) | eigh(x)",
    "x = rand(3000, 3000) | qr(x)",
    "x = rand(4000, 4000) | solve(x, x)",
    "x = rand(50000000) | hist(x)",
    "x = rand(50000000) | plot(x)",
    "x = rand(50000000) | sort(x)",
    "x = rand(50000000) | median(x)",
    "x = rand(50000000) | unique(x)",
    "x = randn(20000, 64); y = floor(rand(20000) * 10) | map_at_r(x, y)",
    "x = randn(20000, 64); y = floor(rand(20000) * 10) | recall_at(1, x, y)",
    "x = randn(3000, 32) | tsne(x)",
    "x = randn(100000, 10) | kmeans(x, 50)",
    "x = randn(6000, 6000) | heat(x)",
    "x = randn(5000, 5000) | x @ x @ x",
    "| [i * i for i in 0..100000000]",
    "| choice(0..10000000, 10000000)",
    "| permutation(30000000)",
    "x = [i for i in 0..3000000] | sort(x)",
    "x = [text(i) for i in 0..2000000] | join(x, \",\")",
    "x = [[i, \"a\", [i]] for i in 0..2000000] | show x, all = true",
    "x = [[i, \"a\", [i]] for i in 0..2000000] | x == x + []",
    "x = rand(4000, 4000) | show x, all = true",
    "d = blobs(300000) | show d",
    "d = blobs(20000) | pairs(d, 20000).next()",
    "net = conv(32, 5) >> relu >> conv(64, 5) >> maxpool >> flatten >> dense(10) | net(randn(20000, 28, 28, 1))",
    "| scatter(randn(3000000, 2))",
    "x = rand(100000000) | cumsum(x)",
    "| outer(rand(20000), rand(20000)).max()",
    "x = randn(20000, 128) | pairwise(euclidean, x, x)",
]
