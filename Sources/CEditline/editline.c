#include "siam_editline.h"
