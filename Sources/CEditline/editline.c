#include "siam_editline.h"

FILE *siam_stdout(void) { return stdout; }
FILE *siam_stderr(void) { return stderr; }
