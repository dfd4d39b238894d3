#include "siam_lessons.h"

// The pages are put into the binary by the compiler, so that an installed siam has them without a folder.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const uint8_t layer[] = {
#embed "../../tutorials/01-layer.md"
};
static const uint8_t gradient[] = {
#embed "../../tutorials/02-gradient.md"
};
static const uint8_t sharing[] = {
#embed "../../tutorials/03-sharing.md"
};
static const uint8_t losses[] = {
#embed "../../tutorials/04-losses.md"
};
static const uint8_t collapse[] = {
#embed "../../tutorials/05-collapse.md"
};
static const uint8_t overfitting[] = {
#embed "../../tutorials/06-overfitting.md"
};
static const uint8_t dimension[] = {
#embed "../../tutorials/07-dimension.md"
};
static const uint8_t initialisation[] = {
#embed "../../tutorials/08-initialisation.md"
};
static const uint8_t scale[] = {
#embed "../../tutorials/09-scale.md"
};
static const uint8_t pairs[] = {
#embed "../../tutorials/10-pairs.md"
};
static const uint8_t pictures[] = {
#embed "../../tutorials/11-pictures.md"
};
static const uint8_t doctor[] = {
#embed "../../tutorials/12-doctor.md"
};
static const uint8_t table[] = {
#embed "../../tutorials/13-table.md"
};
static const uint8_t task[] = {
#embed "../../tutorials/14-task.md"
};
static const uint8_t threshold[] = {
#embed "../../tutorials/15-threshold.md"
};

static const struct {
    const char *name;
    const uint8_t *text;
    int32_t size;
} pages[] = {
    {"01-layer.md", layer, sizeof layer},
    {"02-gradient.md", gradient, sizeof gradient},
    {"03-sharing.md", sharing, sizeof sharing},
    {"04-losses.md", losses, sizeof losses},
    {"05-collapse.md", collapse, sizeof collapse},
    {"06-overfitting.md", overfitting, sizeof overfitting},
    {"07-dimension.md", dimension, sizeof dimension},
    {"08-initialisation.md", initialisation, sizeof initialisation},
    {"09-scale.md", scale, sizeof scale},
    {"10-pairs.md", pairs, sizeof pairs},
    {"11-pictures.md", pictures, sizeof pictures},
    {"12-doctor.md", doctor, sizeof doctor},
    {"13-table.md", table, sizeof table},
    {"14-task.md", task, sizeof task},
    {"15-threshold.md", threshold, sizeof threshold},
};

int32_t siam_lesson_count(void) { return sizeof pages / sizeof pages[0]; }
const char *siam_lesson_name(int32_t k) { return pages[k].name; }
const uint8_t *siam_lesson_text(int32_t k) { return pages[k].text; }
int32_t siam_lesson_size(int32_t k) { return pages[k].size; }
