#include <stdint.h>
static int32_t flag; int32_t *siam_interrupt_flag(void){return &flag;}
