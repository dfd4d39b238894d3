#include "siam_version.h"

// The commit is told by scripts/siam and scripts/package, through SIAM_COMMIT in Package.swift; other builds leave it out, so
// that a commit rebuilds nothing. This file is all that depends on it.
#ifndef SIAM_COMMIT
#define SIAM_COMMIT unknown
#endif
#define AS_TEXT_(x) #x
#define AS_TEXT(x) AS_TEXT_(x)

const char *siam_version(void) { return "0.3.0"; }

const char *siam_commit(void) { return AS_TEXT(SIAM_COMMIT); }
