/* What the kernel holds. */

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030b0000
#include <Python.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <structmember.h>

#define MAX_LINE 60000
#define MAX_SLOTS 48
#define MAX_DEPTH 8
#define MAX_PATHS 4096
#define MAX_VARIANTS 16384
#define MAX_CANONS (12u << 20)
#define MAX_PROCESSES 4096
#define MAX_PREFIXES 4096
#define MAX_PREFIX 400
#define DIGIT 1 /* stands for a digit of a carrier's time */
#define MAX_INTERNS 65536
#define MAX_VALUES (8u << 20)
#define MAX_MASKED 512
#define MAX_SKETCHES 4096
#define SKETCH 8
#define TOKEN 1 /* the paths of ids that are tokens */
#define JWT 2
#define MAX_RANKED 4096
#define MAX_TELLINGS 4096
#define TRIM 4 /* flushes, of which one gives memory back: it takes milliseconds */
#define MAX_TELLINGS_TEXT (1u << 20)
#define OF_DELAY 128 /* of the number of a detail */
#define DOORS (1u << 20)
#define MAX_TEMPLATES 1024
#define WAYS 4 /* of templates that look alike */
#define MAX_TEMPLATE_TEXT (1u << 20)
#define MAX_HOLES (1u << 14)
#define LUCK 64 /* where templates were of no use so often, few more are made */
#define NONE 0xffffffffu
#define SHORTEST 3 /* letters of a plain word, see plain_words.py */
#define LONGEST 15
#define MAX_WORDS 26 /* plain words of a message, each named by a letter */
#define KEPT 1024

#ifdef __GLIBC__
#include <malloc.h>
#endif
#ifdef __SSE2__ /* of GCC and Clang alone */
#include <emmintrin.h>
#endif
#if defined(__GNUC__)
#define PREFETCH(p) __builtin_prefetch(p)
#else
#define PREFETCH(p) (void)(p)
#endif

/* What of a line is sampled by value: its details, what its error says, what its message tells; WORDLESS: without its plain words. */
enum { DETAILS = 1, SAYINGS = 2, TELLING = 4, WORDLESS = 8 };
#define FRACTION 2 /* in place of is_text */

/* What becomes of a value, by its path. */
enum { KEEP, LOOSE, NESTED, DETAIL, MESSAGE, PROCESS, TIME, SAID };
/* What a string under a path may be. */
enum { SKIP, PLAIN, ID, SECRET, URL };
/* What a line came to. */
enum { TAKEN = -1, ENDED, REFUSED, UNKNOWN, WANTING = UNKNOWN + 5 }; /* UNKNOWN + the form that is not known; WANTING: of more data */
/* The forms of a line, each cutting less; the last two are the first two without the message's plain words: see canonical(). */
enum { LOOSE_FORM, SAYING_FORM, EXACT_FORM, WORDLESS_FORM, WORDLESS_SAYING_FORM, FORMS };
/* What is known of a canonical form. */
static const uint64_t NO_ID = ~0ull, NOT_TAKEN = ~2ull;
enum { KIND_PLAIN, KIND_VARIANT, KIND_SAYING, KIND_EXACT };

typedef struct { uint32_t at, len, room; char *data; } Arena;

static int arena_add(Arena *a, const char *p, uint32_t n, uint32_t *at) {
    if (a->len + n > a->room) {
        uint32_t room = a->room ? a->room : 1 << 16;
        while (room < a->len + n) room *= 2;
        char *data = realloc(a->data, room);
        if (!data) return 0;
        a->data = data;
        a->room = room;
    }
    if (n) memcpy(a->data + a->len, p, n);
    *at = a->len;
    a->len += n;
    return 1;
}

static int room(void **items, uint32_t *have, uint32_t want, size_t size) {
    if (want <= *have) return 1;
    uint32_t next = *have ? *have * 2 : 4096;
    while (next < want) next *= 2;
    void *grown = realloc(*items, next * size);
    if (!grown) return 0;
    *items = grown;
    *have = next;
    return 1;
}

typedef struct {
    uint64_t hash;
    uint32_t parent, key, key_len, guess;
    uint8_t text, number, form, attempt, enter, detail; /* detail: the number of its name, from 1; the highest bit: of a delay */
} Path;

typedef struct { uint64_t hash; uint32_t canon, canon_len, signature, index; uint64_t visited; uint8_t kind, failing, has, details; } Variant;
/* state: 1 an id, 2 a token, 3 a JWT, 0 none, -1 refused. What of the value has the rank; ranked: 0 where that is not reckoned yet. */
typedef struct { uint64_t hash; uint32_t path, process, value, value_len; int8_t state; uint8_t is_text, ranked_at, ranked_len; } Intern;
/* A text whose rank was asked for: ranks are dear. */
typedef struct { uint64_t rank; uint8_t len; char text[39]; } Ranked;
typedef struct { uint64_t hash; uint32_t name, name_len; } Process;
/* A detail that a message tells: its bytes, and of a delay what one is in milliseconds (0: no delay), and its fraction. */
typedef struct { uint32_t start, end, scale, fraction, fraction_end; uint8_t detail; } Place;
/* What messages of a variant tell that have these bytes but for their digits; count: of places, -1 where they are not for the kernel. */
typedef struct { uint64_t hash; uint32_t variant, text, len, place; int32_t count; } Telling;
/* What a carrier puts before a line of JSON, but for its time. What lines of it have that the JSON may lack. */
enum { HAS_PROCESS = 1, HAS_LEVEL = 2 };
typedef struct { uint64_t hash; uint32_t text, len; int32_t service; uint8_t has, touched; } Prefix; /* service: -1 not for the kernel */
/* The smallest ranks of a detail's values that went the plain way: all others are beyond the cap of its sample. */
typedef struct { uint64_t ranks[SKETCH]; uint32_t signature; uint8_t detail, count, cut; } Sketch;
typedef struct { int64_t time, offset, number; uint32_t size, variant, signature, ids; uint16_t id_count, prefix; uint8_t failing; } Event;
typedef struct { uint32_t path, intern; } EventId;

/* A plain word of a message. */
typedef struct { uint32_t start, len; } Word;
typedef struct { uint32_t path; const char *p; uint32_t len; uint8_t policy, is_text; } Slot;
/* Bytes that a line of a template must have next, and the slot after them. fixed: its bytes must be the same as well. */
typedef struct { uint32_t text, before, size, path, masked, masked_len; uint8_t policy, is_text, fixed, empty; } Hole;
typedef struct { uint32_t hash, variant, hole, hole_count, tail, tail_len; } Template; /* variant: NONE where there is none */

typedef struct {
    PyObject_HEAD
    PyObject *tell_path, *identify, *tells, *tell_prefix, *begins;
    int64_t utc_offset;
    Prefix *prefixes; uint32_t prefix_count, *prefix_table, touched[MAX_PREFIXES], touched_count; Arena prefix_texts;
    Path *paths; uint32_t path_count; uint32_t *path_table; Arena keys;
    Variant *variants; uint32_t variant_count, next_index; uint32_t *variant_table; Arena canons;
    Intern *interns; uint64_t *ranks; uint32_t intern_count, ranked_count; uint32_t *intern_table; Arena values;
    Process *processes; uint32_t process_count; uint32_t *process_table; Arena names;
    Sketch *sketches; uint32_t *sketch_table; uint32_t sketch_count, sketch_cap;
    Ranked *ranked;
    Telling *tellings; uint32_t *telling_table, telling_count; Arena tellings_text; Place *places; uint32_t place_count, place_room;
    uint8_t *doors; uint32_t doors_set;
    Event *events; uint32_t event_count, event_room, settled;
    EventId *ids; uint32_t id_count, id_room;
    Template *templates; Hole *holes; uint32_t hole_count, hole_room; unsigned template_luck, unlucky; Arena template_texts;
    int wordless; const char *worded; Word words[MAX_WORDS]; int word_count; char (*kept)[LONGEST + 1], (*parts)[LONGEST + 1]; uint32_t part_count; uint8_t *part_begins; /* see words.h */
    /* of the line that is walked */
    Slot slots[MAX_SLOTS]; int slot_count;
    int64_t time; int has_time; uint32_t process; int crowded, failed;
    const char *pid, *host; uint32_t pid_len, host_len;
    char *canon; uint32_t canon_len;
    int layout; uint32_t lines, head_paths[4]; char *clean; /* see pretty.h */
    /* of the events that are sampled */
    uint32_t sampled; uint64_t *line_ranks; uint32_t *order; int64_t source;
    uint32_t *signature_start; uint32_t signature_room, signature_count;
    uint32_t compacted;
    uint32_t *of_intern; /* the place of a value in what key_sample() reckons; NONE between its calls */
} Kernel;
