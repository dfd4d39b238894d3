#ifndef SIAM_EDITLINE_H
#define SIAM_EDITLINE_H
#include <histedit.h>
#include <stdio.h>

/// The standard streams, which Swift cannot name.
FILE *siam_stdout(void);
FILE *siam_stderr(void);

#endif
