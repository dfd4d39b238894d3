// Outlines of letters out of a font of the system, by FreeType where that is installed: the library is opened when the
// first letter is asked for that siam's own strokes do not have. The layouts are those of FreeType 2's public records.
#include "siam_codecs.h"
#include <dlfcn.h>
#include <pthread.h>
#include <string.h>

typedef struct { long x, y; } vector;
typedef struct { void *data; void (*finalizer)(void *); } generic;
typedef struct {
    short contour_count, point_count;
    vector *points;
    unsigned char *tags;
    short *contours;
    int flags;
} outline;
typedef struct {
    void *library, *face, *next;
    unsigned index;
    generic own;
    struct { long width, height, left, top, advance, vertical_left, vertical_top, vertical_advance; } metrics;
    long linear_across, linear_up;
    vector advance;
    int format;
    struct {
        unsigned rows, width;
        int pitch;
        unsigned char *buffer;
        unsigned short grays;
        unsigned char mode, palette_mode;
        void *palette;
    } bitmap;
    int bitmap_left, bitmap_top;
    outline outline;
} slot;
typedef struct {
    long count, index, flags, style, glyph_count;
    char *family, *style_name;
    int size_count;
    void *sizes;
    int map_count;
    void *maps;
    generic own;
    long box[4];
    unsigned short units;
    short ascender, descender, height, width, vertical, underline, thickness;
    slot *glyph;
} face;

static int (*load)(face *, unsigned, int);
static unsigned (*find)(face *, unsigned long);
enum { FACES = 16, ABSENT = 64 };
static face *faces[FACES];
static int face_count;
static int (*open_face)(void *, const char *, long, face **);
static void *state;
// Letters that were not found in any font, the latest last.
static uint32_t absent[ABSENT];
static int absent_count;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static const char *const files[] = {
    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
    "/usr/share/fonts/truetype/noto/NotoSans-Regular.ttf",
    "/usr/share/fonts/truetype/liberation/LiberationSans-Regular.ttf",
    "/usr/share/fonts/truetype/liberation2/LiberationSans-Regular.ttf",
    "/usr/share/fonts/truetype/freefont/FreeSans.ttf",
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/truetype/unifont/unifont.ttf",
};

static void open_faces(void) {
    void *library = dlopen("libfreetype.so.6", RTLD_NOW | RTLD_LOCAL);
    if (!library) return;
    int (*begin)(void **) = (int (*)(void **))dlsym(library, "FT_Init_FreeType");
    open_face = (int (*)(void *, const char *, long, face **))dlsym(library, "FT_New_Face");
    load = (int (*)(face *, unsigned, int))dlsym(library, "FT_Load_Glyph");
    find = (unsigned (*)(face *, unsigned long))dlsym(library, "FT_Get_Char_Index");
    if (!begin || !open_face || !load || !find || begin(&state)) { state = NULL; return; }
    for (size_t k = 0; k < sizeof files / sizeof *files; k++) {
        face *one = NULL;
        if (!open_face(state, files[k], 0, &one) && one && one->units) faces[face_count++] = one;
    }
}

/// The glyph of a letter where the font has it as an outline; 0 elsewhere.
static unsigned outline_in(face *f, uint32_t code) {
    unsigned index = find(f, code);
    // 1: in the font's own units; the glyph is an outline and no picture.
    return index && !load(f, index, 1) && f->glyph && f->glyph->format == 0x6F75746C ? index : 0;
}

/// A font of the system that has the letter, as fontconfig knows it, where that is installed.
static face *asked_for(uint32_t code) {
    static void *library;
    static int tried;
    if (!tried) { library = dlopen("libfontconfig.so.1", RTLD_NOW | RTLD_LOCAL); tried = 1; }
    if (!library || face_count == FACES) return NULL;
    int (*begin)(void) = (int (*)(void))dlsym(library, "FcInit");
    void *(*pattern_of)(void) = (void *(*)(void))dlsym(library, "FcPatternCreate");
    void *(*set_of)(void) = (void *(*)(void))dlsym(library, "FcCharSetCreate");
    int (*add)(void *, uint32_t) = (int (*)(void *, uint32_t))dlsym(library, "FcCharSetAddChar");
    int (*want)(void *, const char *, const void *) = (int (*)(void *, const char *, const void *))dlsym(library, "FcPatternAddCharSet");
    int (*substitute)(void *, void *, int) = (int (*)(void *, void *, int))dlsym(library, "FcConfigSubstitute");
    void (*complete)(void *) = (void (*)(void *))dlsym(library, "FcDefaultSubstitute");
    void *(*match)(void *, void *, int *) = (void *(*)(void *, void *, int *))dlsym(library, "FcFontMatch");
    int (*text)(const void *, const char *, int, unsigned char **) = (int (*)(const void *, const char *, int, unsigned char **))dlsym(library, "FcPatternGetString");
    int (*number)(const void *, const char *, int, int *) = (int (*)(const void *, const char *, int, int *))dlsym(library, "FcPatternGetInteger");
    void (*drop)(void *) = (void (*)(void *))dlsym(library, "FcPatternDestroy");
    void (*drop_set)(void *) = (void (*)(void *))dlsym(library, "FcCharSetDestroy");
    if (!begin || !pattern_of || !set_of || !add || !want || !substitute || !complete || !match || !text || !number || !drop || !drop_set || !begin()) return NULL;
    face *found = NULL;
    void *pattern = pattern_of(), *set = set_of(), *best = NULL;
    int result = 0, index = 0;
    unsigned char *path = NULL;
    if (pattern && set && add(set, code) && want(pattern, "charset", set) && substitute(NULL, pattern, 0)) {
        complete(pattern);
        best = match(NULL, pattern, &result);
        if (best && !text(best, "file", 0, &path) && path) {
            if (number(best, "index", 0, &index)) index = 0;
            if (!open_face(state, (const char *)path, index & 0xFFFF, &found) && found && found->units && outline_in(found, code)) {
                faces[face_count++] = found;
            } else found = NULL;
        }
        if (best) drop(best);
    }
    if (set) drop_set(set);
    if (pattern) drop(pattern);
    return found;
}

/// A font that has the letter, its outline loaded; NULL where there is none.
static face *face_with(uint32_t code) {
    for (int k = 0; k < face_count; k++) if (outline_in(faces[k], code)) return faces[k];
    if (!state) return NULL;
    for (int k = 0; k < absent_count && k < ABSENT; k++) if (absent[k] == code) return NULL;
    face *found = asked_for(code);
    if (!found) absent[absent_count++ % ABSENT] = code;
    return found;
}

int siam_letter_is_known(uint32_t code) {
    pthread_once(&once, open_faces);
    pthread_mutex_lock(&lock);
    int known = face_with(code) != NULL;
    pthread_mutex_unlock(&lock);
    return known;
}

typedef struct { siam_letter *letter; double unit; } pen;

static void to(pen *p, double x, double y) {
    siam_letter *l = p->letter;
    if (l->point_count < SIAM_LETTER_POINTS) {
        l->x[l->point_count] = (float)(x * p->unit);
        l->y[l->point_count] = (float)(-y * p->unit);
        l->point_count++;
    }
}

static void bend(pen *p, vector a, vector b, vector c) {
    for (int k = 1; k <= 6; k++) {
        double t = k / 6.0, s = 1 - t;
        to(p, s * s * a.x + 2 * s * t * b.x + t * t * c.x, s * s * a.y + 2 * s * t * b.y + t * t * c.y);
    }
}

static void bend_twice(pen *p, vector a, vector b, vector c, vector d) {
    for (int k = 1; k <= 8; k++) {
        double t = k / 8.0, s = 1 - t;
        to(p, s * s * s * a.x + 3 * s * s * t * b.x + 3 * s * t * t * c.x + t * t * t * d.x,
           s * s * s * a.y + 3 * s * s * t * b.y + 3 * s * t * t * c.y + t * t * t * d.y);
    }
}

static vector middle(vector a, vector b) { return (vector){(a.x + b.x) / 2, (a.y + b.y) / 2}; }

static void contour(pen *p, const vector *points, const unsigned char *tags, int count) {
    if (count < 2) return;
    int on = 0;
    while (on < count && !(tags[on] & 1)) on++;
    vector start = on < count ? points[on] : middle(points[0], points[count - 1]);
    int first = on < count ? on + 1 : 0, left = on < count ? count - 1 : count;
    vector now = start;
    to(p, start.x, start.y);
    for (int k = 0; k < left; k++) {
        int i = (first + k) % count, j = (first + k + 1) % count;
        if (tags[i] & 1) {
            now = points[i];
            to(p, now.x, now.y);
        } else if (tags[i] & 2) {
            vector end = k + 2 < left ? points[(first + k + 2) % count] : start;
            bend_twice(p, now, points[i], points[j], end);
            now = end;
            k += 2;
        } else {
            vector end = k + 1 >= left ? start : (tags[j] & 1) ? points[j] : middle(points[i], points[j]);
            bend(p, now, points[i], end);
            now = end;
            if (k + 1 < left && (tags[j] & 1)) k++;
        }
    }
}

int siam_letter_outline(uint32_t code, siam_letter *letter) {
    pthread_once(&once, open_faces);
    memset(letter, 0, sizeof *letter);
    pthread_mutex_lock(&lock);
    int found = 0;
    face *f = face_with(code);
    // What no font has is drawn as the first font draws it: a box.
    if (!f && face_count && !load(faces[0], 0, 1) && faces[0]->glyph && faces[0]->glyph->format == 0x6F75746C) f = faces[0];
    if (f) {
        const outline *o = &f->glyph->outline;
        pen p = {letter, 1.0 / f->units};
        letter->advance = (float)(f->glyph->metrics.advance / (double)f->units);
        int from = 0;
        for (int c = 0; c < o->contour_count && letter->contour_count < SIAM_LETTER_CONTOURS; c++) {
            int to = o->contours[c];
            if (to < from || to >= o->point_count) break;
            contour(&p, o->points + from, o->tags + from, to - from + 1);
            letter->ends[letter->contour_count++] = letter->point_count;
            from = to + 1;
        }
        found = 1;
    }
    pthread_mutex_unlock(&lock);
    return found;
}
