#include "siam_prelude.h"

// The texts are put into the binary by the compiler, so that starting reads no file.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const uint8_t layers[] = {
#embed "../SiamCompiler/Prelude/layers.siam"
};
static const uint8_t scaling[] = {
#embed "../SiamCompiler/Prelude/scaling.siam"
};
static const uint8_t sequences[] = {
#embed "../SiamCompiler/Prelude/sequences.siam"
};
static const uint8_t distances[] = {
#embed "../SiamCompiler/Prelude/distances.siam"
};
static const uint8_t grouping[] = {
#embed "../SiamCompiler/Prelude/grouping.siam"
};
static const uint8_t pair_losses[] = {
#embed "../SiamCompiler/Prelude/pair-losses.siam"
};
static const uint8_t triplet_losses[] = {
#embed "../SiamCompiler/Prelude/triplet-losses.siam"
};
static const uint8_t batch_losses[] = {
#embed "../SiamCompiler/Prelude/batch-losses.siam"
};
static const uint8_t class_losses[] = {
#embed "../SiamCompiler/Prelude/class-losses.siam"
};
static const uint8_t embedding_metrics[] = {
#embed "../SiamCompiler/Prelude/embedding-metrics.siam"
};

static const struct {
    const char *name;
    const uint8_t *text;
    int32_t size;
} files[] = {
    {"layers.siam", layers, sizeof layers},
    {"scaling.siam", scaling, sizeof scaling},
    {"sequences.siam", sequences, sizeof sequences},
    {"distances.siam", distances, sizeof distances},
    {"grouping.siam", grouping, sizeof grouping},
    {"pair-losses.siam", pair_losses, sizeof pair_losses},
    {"triplet-losses.siam", triplet_losses, sizeof triplet_losses},
    {"batch-losses.siam", batch_losses, sizeof batch_losses},
    {"class-losses.siam", class_losses, sizeof class_losses},
    {"embedding-metrics.siam", embedding_metrics, sizeof embedding_metrics},
};

int32_t siam_prelude_count(void) { return sizeof files / sizeof files[0]; }
const char *siam_prelude_name(int32_t k) { return files[k].name; }
const uint8_t *siam_prelude_text(int32_t k) { return files[k].text; }
int32_t siam_prelude_size(int32_t k) { return files[k].size; }
