#include "siam_codecs.h"
