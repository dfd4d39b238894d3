#include "siam_codecs.h"
#include <math.h>
#include <string.h>

size_t siam_element_bytes(int kind) {
    switch (kind) {
    case SIAM_U8: case SIAM_I8: return 1;
    case SIAM_I16: case SIAM_U16: case SIAM_F16: case SIAM_BF16: return 2;
    case SIAM_I32: case SIAM_U32: case SIAM_F32: return 4;
    default: return 8;
    }
}

static uint64_t bits(const uint8_t *in, size_t width, int big) {
    uint64_t value = 0;
    for (size_t i = 0; i < width; i++) value |= (uint64_t)in[big ? width - 1 - i : i] << (8 * i);
    return value;
}

static double half(uint16_t b) {
    int exponent = (b >> 10) & 31;
    double fraction = b & 1023, sign = b & 0x8000 ? -1 : 1;
    if (exponent == 31) return fraction != 0 ? NAN : sign * INFINITY;
    return exponent == 0 ? sign * ldexp(fraction, -24) : sign * ldexp(fraction + 1024, exponent - 25);
}

static double element(uint64_t b, int kind) {
    float f;
    double d;
    uint32_t w;
    switch (kind) {
    case SIAM_U8: case SIAM_U16: case SIAM_U32: case SIAM_U64: return (double)b;
    case SIAM_I8: return (int8_t)b;
    case SIAM_I16: return (int16_t)b;
    case SIAM_I32: return (int32_t)b;
    case SIAM_I64: return (double)(int64_t)b;
    case SIAM_F16: return half((uint16_t)b);
    case SIAM_BF16: w = (uint32_t)b << 16; memcpy(&f, &w, 4); return f;
    case SIAM_F32: w = (uint32_t)b; memcpy(&f, &w, 4); return f;
    default: memcpy(&d, &b, 8); return d;
    }
}

void siam_read_elements(const uint8_t *in, size_t count, int kind, int big, float divisor, float *out) {
    if (kind == SIAM_U8) {
        for (size_t i = 0; i < count; i++) out[i] = (float)in[i] / divisor;
        return;
    }
    if (kind == SIAM_F32 && !big && divisor == 1) { memcpy(out, in, count * 4); return; }
    size_t width = siam_element_bytes(kind);
    for (size_t i = 0; i < count; i++) out[i] = (float)(element(bits(in + i * width, width, big), kind) / divisor);
}

void siam_read_doubles(const uint8_t *in, size_t count, int kind, int big, double *out) {
    size_t width = siam_element_bytes(kind);
    for (size_t i = 0; i < count; i++) out[i] = element(bits(in + i * width, width, big), kind);
}
