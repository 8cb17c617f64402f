/* The native kernel: takes the lines of JSON whose like was decoded before, and samples them as the profile does.

A line is walked once. What varies from line to line and has a known meaning (its time, its process, values that may be
ids, digits of its message) is cut out; the rest is its canonical form, and lines of one canonical form (a variant) give
one record but for what was cut. What a variant is, Python tells (learn.py, proof.py), by decoding the first such line in the
plain way. Every line that the kernel does not know for certain goes back to Python. */

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030b0000
#include <Python.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

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
#define DOORS (1u << 20)
#define NONE 0xffffffffu

/* What of a line is sampled by value: its details, what its error says, what its message tells. */
enum { DETAILS = 1, SAYINGS = 2, TELLING = 4 };
#define FRACTION 2 /* in place of is_text */

/* What becomes of a value, by its path. */
enum { KEEP, LOOSE, NESTED, DETAIL, MESSAGE, PROCESS, TIME, SAID };
/* What a string under a path may be. */
enum { SKIP, PLAIN, ID, SECRET, URL };
/* What a line came to. */
enum { TAKEN = -1, ENDED, REFUSED, UNKNOWN }; /* UNKNOWN + the form that is not known */
/* The forms of a line, each cutting less: see canonical(). */
enum { LOOSE_FORM, SAYING_FORM, EXACT_FORM };
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

typedef struct {
    uint64_t hash;
    uint32_t parent, key, key_len, guess;
    uint8_t text, number, form, attempt, enter, detail; /* detail: the number of its name, from 1; the highest bit: of a delay */
} Path;

typedef struct { uint64_t hash; uint32_t canon, canon_len, signature, index; uint64_t visited; uint8_t kind, failing, has, details; } Variant;
typedef struct { uint64_t hash, rank; uint32_t path, process, value, value_len; int8_t state; uint8_t is_text; } Intern; /* state: 1 an id, 2 a token, 3 a JWT, 0 none, -1 refused */
typedef struct { uint64_t hash; uint32_t name, name_len; } Process;
/* What a carrier puts before a line of JSON, but for its time. What lines of it have that the JSON may lack. */
enum { HAS_PROCESS = 1, HAS_LEVEL = 2 };
typedef struct { uint64_t hash; uint32_t text, len; int32_t service; uint8_t has, touched; } Prefix; /* service: -1 not for the kernel */
/* The smallest ranks of a detail's values that went the plain way: all others are beyond the cap of its sample. */
typedef struct { uint64_t ranks[SKETCH]; uint32_t signature; uint8_t detail, count, cut; } Sketch;
typedef struct { int64_t time, offset, number; uint32_t size, variant, signature, ids; uint16_t id_count, prefix; uint8_t failing; } Event;
typedef struct { uint64_t rank; uint32_t path, intern; } EventId;

typedef struct { uint32_t path; const char *p; uint32_t len; uint8_t policy, is_text; } Slot;

typedef struct {
    PyObject_HEAD
    PyObject *tell_path, *identify, *tells, *tell_prefix;
    Prefix *prefixes; uint32_t prefix_count, *prefix_table, touched[MAX_PREFIXES], touched_count; Arena prefix_texts;
    Path *paths; uint32_t path_count; uint32_t *path_table; Arena keys;
    Variant *variants; uint32_t variant_count, next_index; uint32_t *variant_table; Arena canons;
    Intern *interns; uint32_t intern_count; uint32_t *intern_table; Arena values;
    Process *processes; uint32_t process_count; uint32_t *process_table; Arena names;
    Sketch *sketches; uint32_t *sketch_table; uint32_t sketch_count, sketch_cap;
    uint8_t *doors; uint32_t doors_set;
    Event *events; uint32_t event_count, event_room;
    EventId *ids; uint32_t id_count, id_room;
    /* of the line that is walked */
    Slot slots[MAX_SLOTS]; int slot_count;
    int64_t time; int has_time; uint32_t process; int crowded, failed;
    const char *pid, *host; uint32_t pid_len, host_len;
    char *canon; uint32_t canon_len;
    /* of the events that are sampled */
    uint32_t sampled; uint64_t *line_ranks; uint32_t *order; int64_t source;
    uint32_t *signature_start; uint32_t signature_room, signature_count;
} Kernel;

/* ---------------------------------------------------------------- hashes */

static uint64_t load64(const char *p) { uint64_t v; memcpy(&v, p, 8); return v; }

static uint64_t mix(uint64_t h) {
    h ^= h >> 32; h *= 0xd6e8feb86659fd93ull; h ^= h >> 32; h *= 0xd6e8feb86659fd93ull; h ^= h >> 32;
    return h;
}

static uint64_t hash_bytes(const char *p, size_t n, uint64_t seed) {
    uint64_t h = seed ^ (n * 0x9e3779b97f4a7c15ull);
    if (n >= 64) { /* four at a time: none waits for another */
        uint64_t a = h, b = ~h, c = h ^ 0x9fb21c651e98df25ull, d = h + 0x9e3779b97f4a7c15ull;
        for (; n >= 32; p += 32, n -= 32) {
            a = (a ^ load64(p)) * 0x9fb21c651e98df25ull; a ^= a >> 29;
            b = (b ^ load64(p + 8)) * 0x9fb21c651e98df25ull; b ^= b >> 29;
            c = (c ^ load64(p + 16)) * 0x9fb21c651e98df25ull; c ^= c >> 29;
            d = (d ^ load64(p + 24)) * 0x9fb21c651e98df25ull; d ^= d >> 29;
        }
        h = mix(a ^ mix(b)) ^ mix(c + mix(d));
    }
    while (n >= 8) {
        h = (h ^ load64(p)) * 0x9fb21c651e98df25ull;
        h ^= h >> 29;
        p += 8; n -= 8;
    }
    if (n) {
        uint64_t v = 0;
        memcpy(&v, p, n);
        h = (h ^ v) * 0x9fb21c651e98df25ull;
        h ^= h >> 29;
    }
    return mix(h);
}

static uint64_t splitmix(uint64_t z) {
    z += 0x9E3779B97F4A7C15ull;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return (z ^ (z >> 31)) >> 1;
}

/* BLAKE2b with 8 bytes of digest (RFC 7693), as a big-endian number. */
static const uint64_t IV[8] = {
    0x6a09e667f3bcc908ull, 0xbb67ae8584caa73bull, 0x3c6ef372fe94f82bull, 0xa54ff53a5f1d36f1ull,
    0x510e527fade682d1ull, 0x9b05688c2b3e6c1full, 0x1f83d9abfb41bd6bull, 0x5be0cd19137e2179ull};
static uint64_t rotr(uint64_t x, int n) { return (x >> n) | (x << (64 - n)); }

static void blake_block(uint64_t *h, const uint8_t *block, uint64_t count, int last) {
    uint64_t m[16], v[16];
    for (int i = 0; i < 16; i++) {
        const uint8_t *b = block + 8 * i;
        m[i] = b[0] | (uint64_t)b[1] << 8 | (uint64_t)b[2] << 16 | (uint64_t)b[3] << 24 | (uint64_t)b[4] << 32 |
               (uint64_t)b[5] << 40 | (uint64_t)b[6] << 48 | (uint64_t)b[7] << 56;
    }
    for (int i = 0; i < 8; i++) { v[i] = h[i]; v[i + 8] = IV[i]; }
    v[12] ^= count;
    if (last) v[14] = ~v[14];
#define G(a, b, c, d, x, y) \
    v[a] += v[b] + (x); v[d] = rotr(v[d] ^ v[a], 32); v[c] += v[d]; v[b] = rotr(v[b] ^ v[c], 24); \
    v[a] += v[b] + (y); v[d] = rotr(v[d] ^ v[a], 16); v[c] += v[d]; v[b] = rotr(v[b] ^ v[c], 63);
#define ROUND(A, B, C, D, E, F, H, I, J, K, L, M, N, O, P, Q) \
    G(0, 4, 8, 12, m[A], m[B]) G(1, 5, 9, 13, m[C], m[D]) G(2, 6, 10, 14, m[E], m[F]) G(3, 7, 11, 15, m[H], m[I]) \
    G(0, 5, 10, 15, m[J], m[K]) G(1, 6, 11, 12, m[L], m[M]) G(2, 7, 8, 13, m[N], m[O]) G(3, 4, 9, 14, m[P], m[Q])
    ROUND(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15) ROUND(14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3)
    ROUND(11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4) ROUND(7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8)
    ROUND(9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13) ROUND(2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9)
    ROUND(12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11) ROUND(13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10)
    ROUND(6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5) ROUND(10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0)
    ROUND(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15) ROUND(14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3)
#undef ROUND
#undef G
    for (int i = 0; i < 8; i++) h[i] ^= v[i] ^ v[i + 8];
}

/* `rank_of` in sample.py. */
static uint64_t rank_of(const char *p, uint32_t n) {
    uint8_t block[128];
    uint64_t h[8], out = 0, count = 0;
    memcpy(h, IV, sizeof h);
    h[0] ^= 0x01010008ull;
    for (; n > 128; p += 128, n -= 128) blake_block(h, (const uint8_t *)p, count += 128, 0);
    memset(block, 0, sizeof block);
    memcpy(block, p, n);
    blake_block(h, block, count + n, 1);
    for (int i = 0; i < 8; i++) out = (out << 8) | ((h[0] >> (8 * i)) & 0xff);
    return out >> 1;
}

/* ---------------------------------------------------------------- JSON */

/* The closing quote of the string whose first byte is p; NULL where it has none or is no valid JSON. */
static const char *string_end(const char *p, const char *end, int *escaped) {
    for (;;) {
        while (end - p >= 8) {
            uint64_t v = load64(p), q = v ^ 0x2222222222222222ull, b = v ^ 0x5c5c5c5c5c5c5c5cull;
            uint64_t hit = (v - 0x2020202020202020ull) | v | (q - 0x0101010101010101ull) | (b - 0x0101010101010101ull);
            if (hit & 0x8080808080808080ull) break;
            p += 8;
        }
        /* A borrow may flag a block wrongly: byte by byte it is settled. */
        for (int i = 0;; i++) {
            if (p >= end) return NULL;
            unsigned char c = (unsigned char)*p;
            if (c == '"') return p;
            if (c < 0x20) return NULL;
            if (c == '\\') {
                *escaped = 1;
                if (end - p < 2) return NULL;
                char e = p[1];
                if (e == 'u') {
                    if (end - p < 6) return NULL;
                    for (int j = 2; j < 6; j++) {
                        char x = p[j];
                        if (!((x >= '0' && x <= '9') || (x >= 'a' && x <= 'f') || (x >= 'A' && x <= 'F'))) return NULL;
                    }
                    p += 6;
                } else {
                    if (!e || !strchr("\"\\/bfnrt", e)) return NULL;
                    p += 2;
                }
            } else if (c < 0x80) {
                p++;
            } else {
                int more = c >= 0xc2 && c <= 0xdf ? 1 : c >= 0xe0 && c <= 0xef ? 2 : c >= 0xf0 && c <= 0xf4 ? 3 : 0;
                if (!more || end - p <= more) return NULL;
                unsigned char d = (unsigned char)p[1];
                if ((c == 0xe0 && d < 0xa0) || (c == 0xed && d > 0x9f) || (c == 0xf0 && d < 0x90) || (c == 0xf4 && d > 0x8f))
                    return NULL;
                for (int j = 1; j <= more; j++)
                    if (((unsigned char)p[j] & 0xc0) != 0x80) return NULL;
                p += more + 1;
            }
            if (i >= 8 && end - p >= 8) break;
        }
    }
}

static int is_digit(char c) { return c >= '0' && c <= '9'; }

static const char *number_end(const char *p, const char *end, int *whole) {
    const char *first;
    *whole = 1;
    if (p < end && *p == '-') p++;
    if (p >= end || !is_digit(*p)) return NULL;
    first = p;
    if (*p == '0') p++;
    else while (p < end && is_digit(*p)) p++;
    if (p - first > 18) return NULL; /* beyond 64 bits perhaps: readers differ there */
    if (p < end && *p == '.') {
        *whole = 0;
        p++;
        if (p >= end || !is_digit(*p)) return NULL;
        while (p < end && is_digit(*p)) p++;
    }
    if (p < end && (*p == 'e' || *p == 'E')) {
        *whole = 0;
        p++;
        if (p < end && (*p == '+' || *p == '-')) p++;
        if (p >= end || !is_digit(*p)) return NULL;
        while (p < end && is_digit(*p)) p++;
    }
    return p;
}

static const char *blanks(const char *p, const char *end) {
    while (p < end && (*p == ' ' || *p == '\t')) p++;
    return p;
}

/* Past a value that is kept as it stands. */
static const char *kept(const char *p, const char *end, int depth) {
    if (depth > 24 || p >= end) return NULL;
    if (*p == '"') {
        int escaped = 0;
        p = string_end(p + 1, end, &escaped);
        return p ? p + 1 : NULL;
    }
    if (*p == '{' || *p == '[') {
        char open = *p, close = open == '{' ? '}' : ']';
        p = blanks(p + 1, end);
        if (p < end && *p == close) return p + 1;
        for (;;) {
            if (open == '{') {
                int escaped = 0;
                if (p >= end || *p != '"') return NULL;
                p = string_end(p + 1, end, &escaped);
                if (!p) return NULL;
                p = blanks(p + 1, end);
                if (p >= end || *p != ':') return NULL;
                p = blanks(p + 1, end);
            }
            p = kept(p, end, depth + 1);
            if (!p) return NULL;
            p = blanks(p, end);
            if (p >= end) return NULL;
            if (*p == close) return p + 1;
            if (*p != ',') return NULL;
            p = blanks(p + 1, end);
        }
    }
    if (end - p >= 4 && (!memcmp(p, "true", 4) || !memcmp(p, "null", 4))) return p + 4;
    if (end - p >= 5 && !memcmp(p, "false", 5)) return p + 5;
    int whole;
    return number_end(p, end, &whole);
}

/* ---------------------------------------------------------------- paths */

static uint32_t new_path(Kernel *k, uint32_t parent, const char *key, uint32_t len, uint64_t hash, uint32_t at) {
    if (k->path_count >= MAX_PATHS || len > 256) return NONE;
    PyObject *told = PyObject_CallFunction(k->tell_path, "ky#", (unsigned long)parent, key, (Py_ssize_t)len);
    if (!told) { k->failed = 1; return NONE; }
    long bits = PyLong_AsLong(told);
    Py_DECREF(told);
    if (bits < 0) { k->failed = PyErr_Occurred() != NULL; return NONE; }
    Path *path = &k->paths[k->path_count];
    path->hash = hash;
    path->parent = parent;
    path->key_len = len;
    path->guess = NONE;
    path->text = bits & 15;
    path->number = (bits >> 4) & 15;
    path->form = (bits >> 8) & 15;
    path->attempt = (bits >> 12) & 1;
    path->enter = (bits >> 13) & 1;
    path->detail = (bits >> 14) & 255;
    if (!arena_add(&k->keys, key, len, &path->key)) return NONE;
    k->path_table[at] = k->path_count;
    return k->path_count++;
}

static uint32_t path_of(Kernel *k, uint32_t parent, uint32_t before, const char *key, uint32_t len) {
    uint32_t guess = k->paths[before].guess;
    if (guess != NONE) {
        Path *path = &k->paths[guess];
        if (path->parent == parent && path->key_len == len && !memcmp(k->keys.data + path->key, key, len)) return guess;
    }
    uint64_t hash = hash_bytes(key, len, parent + 1);
    uint32_t at = (uint32_t)hash & (2 * MAX_PATHS - 1);
    for (;; at = (at + 1) & (2 * MAX_PATHS - 1)) {
        uint32_t found = k->path_table[at];
        if (found == NONE) {
            found = new_path(k, parent, key, len, hash, at);
            if (found != NONE) k->paths[before].guess = found;
            return found;
        }
        Path *path = &k->paths[found];
        if (path->hash == hash && path->parent == parent && path->key_len == len && !memcmp(k->keys.data + path->key, key, len)) {
            k->paths[before].guess = found;
            return found;
        }
    }
}

/* ---------------------------------------------------------------- a line */

static int two(const char *p) { return is_digit(p[0]) && is_digit(p[1]) ? (p[0] - '0') * 10 + p[1] - '0' : -1; }

/* `2026-11-23T01:50:33.613Z` in milliseconds. */
static int iso_time(const char *p, uint32_t len, int64_t *out) {
    static const int days_in[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (len != 24 || p[4] != '-' || p[7] != '-' || p[10] != 'T' || p[13] != ':' || p[16] != ':' || p[19] != '.' || p[23] != 'Z')
        return 0;
    int century = two(p), year = two(p + 2), month = two(p + 5), day = two(p + 8), hour = two(p + 11), minute = two(p + 14);
    int second = two(p + 17), hundredths = two(p + 20);
    if (century < 19 || year < 0 || month < 1 || month > 12 || day < 1 || hour < 0 || hour > 23 || minute < 0 || minute > 59)
        return 0;
    if (second < 0 || second > 59 || hundredths < 0 || !is_digit(p[22])) return 0;
    year += 100 * century;
    int leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    if (day > days_in[month - 1] + (month == 2 && leap)) return 0;
    /* Days from civil, Howard Hinnant's. */
    int64_t y = year - (month <= 2), era = y / 400, yoe = y - era * 400;
    int64_t doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1, doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    int64_t days = era * 146097 + doe - 719468;
    *out = ((days * 24 + hour) * 60 + minute) * 60000 + second * 1000 + hundredths * 10 + (p[22] - '0');
    return 1;
}

static int slot(Kernel *k, uint32_t path, const char *p, uint32_t len, uint8_t policy, int is_text) {
    if (k->slot_count >= MAX_SLOTS) return 0;
    if (is_text == 1 && len == 20 && !memcmp(p, "__REALTIME_TIMESTAMP", 20)) return 0; /* see may_be_wrapped in frame.py */
    if (!is_text && len == 2 && p[0] == '-' && p[1] == '0') return 0; /* Python's is 0 */
    Slot *s = &k->slots[k->slot_count++];
    s->path = path; s->p = p; s->len = len; s->policy = policy; s->is_text = is_text;
    return 1;
}

/* Past an object; its values that vary are put into k->slots. NULL: not for the kernel. */
static const char *object(Kernel *k, const char *p, const char *end, uint32_t parent, int depth) {
    uint32_t before = parent;
    if (depth > MAX_DEPTH) return NULL;
    p = blanks(p + 1, end);
    if (p < end && *p == '}') return p + 1;
    for (;;) {
        int escaped = 0;
        if (p >= end || *p != '"') return NULL;
        const char *key = p + 1;
        p = string_end(key, end, &escaped);
        if (!p || escaped) return NULL;
        uint32_t id = path_of(k, parent, before, key, (uint32_t)(p - key));
        if (id == NONE) return NULL;
        before = id;
        Path *path = &k->paths[id];
        p = blanks(p + 1, end);
        if (p >= end || *p != ':') return NULL;
        p = blanks(p + 1, end);
        if (p >= end) return NULL;
        if (*p == '"') {
            const char *text = p + 1;
            p = string_end(text, end, &escaped);
            if (!p) return NULL;
            uint32_t len = (uint32_t)(p - text);
            switch (path->text) {
            case KEEP: break;
            case MESSAGE:
            case SAID:
                if (!slot(k, id, text, len, escaped || len > MAX_MASKED ? KEEP : path->text, 1)) return NULL;
                break;
            case TIME:
                if (k->has_time || !iso_time(text, len, &k->time) || !slot(k, id, text, len, TIME, 1)) return NULL;
                k->has_time = 1;
                break;
            case PROCESS:
                if (escaped || k->host || !slot(k, id, text, len, PROCESS, 1)) return NULL;
                k->host = text;
                k->host_len = len;
                break;
            default:
                if (escaped || !slot(k, id, text, len, path->text, 1)) return NULL;
            }
            p++;
        } else if (*p == '-' || is_digit(*p)) {
            int whole;
            const char *number = p;
            p = number_end(p, end, &whole);
            if (!p) return NULL;
            uint32_t len = (uint32_t)(p - number);
            switch (path->number) {
            case KEEP: break;
            case TIME:
                if (k->has_time || !whole || len < 12 || len > 14 || *number == '-' || !slot(k, id, number, len, TIME, 0)) return NULL;
                k->time = 0;
                for (const char *d = number; d < p; d++) k->time = k->time * 10 + (*d - '0');
                k->has_time = 1;
                break;
            case PROCESS:
                if (!whole || *number == '-' || *number == '0' || k->pid || !slot(k, id, number, len, PROCESS, 0)) return NULL;
                k->pid = number;
                k->pid_len = len;
                break;
            case DETAIL:
                if (whole && !slot(k, id, number, len, DETAIL, 0)) return NULL;
                break;
            default:
                if (!slot(k, id, number, len, path->number, whole ? 0 : FRACTION)) return NULL;
            }
        } else if (*p == '{' && path->enter) {
            p = object(k, p, end, id, depth + 1);
            if (!p) return NULL;
        } else {
            p = kept(p, end, depth + 1);
            if (!p) return NULL;
        }
        p = blanks(p, end);
        if (p >= end) return NULL;
        if (*p == '}') return p + 1;
        if (*p != ',') return NULL;
        p = blanks(p + 1, end);
    }
}

static int walk(Kernel *k, const char *p, const char *end) {
    k->slot_count = 0;
    k->has_time = 0;
    k->pid = k->host = NULL;
    k->pid_len = k->host_len = 0;
    if (end - p < 2 || end - p > MAX_LINE || *p != '{' || end[-1] != '}') return 0;
    if (end - p >= 7 && !memcmp(p, "{\"log\":", 7)) return 0;
    return object(k, p, end, 0, 0) == end && k->has_time;
}

static int is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
static int is_word(unsigned char c) { return c == '_' || is_digit((char)c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c >= 0x80; }

static int is_uuid(const char *p) {
    for (int i = 0; i < 36; i++)
        if (i == 8 || i == 13 || i == 18 || i == 23 ? p[i] != '-' : !is_hex(p[i])) return 0;
    return 1;
}

/* The message with zeros for its digits and UUIDs, as shape.py takes it. */
static char *masked(const char *p, uint32_t n, char *out) {
    const char *end = p + n, *start = p;
    int plain = 1; /* what a word is beyond ASCII is left to Python: there UUIDs keep their letters */
    for (const char *c = p; c < end; c++) plain &= (unsigned char)*c < 0x80;
    while (p < end) {
        char c = *p;
        if (plain && end - p >= 36 && is_hex(c) && p[8] == '-' && is_uuid(p) && (p == start || !is_word((unsigned char)p[-1])) &&
            (end - p == 36 || !is_word((unsigned char)p[36]))) {
            memcpy(out, "00000000-0000-0000-0000-000000000000", 36);
            out += 36;
            p += 36;
            continue;
        }
        *out++ = is_digit(c) ? '0' : c;
        p++;
    }
    return out;
}

/* A line in one of its forms: in the saying form what an error says is kept, in the exact one all but a few values. */
static uint64_t canonical(Kernel *k, const char *p, const char *end, int form) {
    char *out = k->canon;
    *out++ = (char)(1 + form);
    for (int i = 0; i < k->slot_count; i++) {
        Slot *s = &k->slots[i];
        if (s->policy == KEEP || (form == SAYING_FORM && s->policy == SAID) ||
            (form == EXACT_FORM && s->policy != LOOSE && s->policy != PROCESS && s->policy != TIME))
            continue;
        memcpy(out, p, s->p - p);
        out += s->p - p;
        if (s->policy == MESSAGE || s->policy == SAID) out = masked(s->p, s->len, out);
        else *out++ = s->is_text == FRACTION ? 5 : s->len ? 3 : 4;
        p = s->p + s->len;
    }
    memcpy(out, p, end - p);
    out += end - p;
    k->canon_len = (uint32_t)(out - k->canon);
    return hash_bytes(k->canon, k->canon_len, 1 + form);
}

static Variant *find(Kernel *k, uint64_t hash, uint32_t *at) {
    *at = (uint32_t)hash & (2 * MAX_VARIANTS - 1);
    for (;; *at = (*at + 1) & (2 * MAX_VARIANTS - 1)) {
        uint32_t found = k->variant_table[*at];
        if (found == NONE) return NULL;
        Variant *v = &k->variants[found];
        if (v->hash == hash && v->canon_len == k->canon_len && !memcmp(k->canons.data + v->canon, k->canon, k->canon_len)) return v;
    }
}

/* Whether a form was met before: the first of its kind is not worth learning. */
static int met(Kernel *k, uint64_t hash) {
    uint32_t bit = (uint32_t)(hash >> 20) & (DOORS - 1);
    if (k->doors[bit >> 3] & (1 << (bit & 7))) return 1;
    if (++k->doors_set > DOORS / 4) {
        memset(k->doors, 0, DOORS / 8);
        k->doors_set = 0;
    }
    k->doors[bit >> 3] |= (uint8_t)(1 << (bit & 7));
    return 0;
}

static uint32_t process_of(Kernel *k) {
    char name[1200];
    if (k->pid_len + k->host_len + 1 > sizeof name) return NONE;
    uint32_t n = k->pid_len;
    memcpy(name, k->pid ? k->pid : "", n);
    name[n++] = 1;
    memcpy(name + n, k->host ? k->host : "", k->host_len);
    n += k->host_len;
    uint64_t hash = hash_bytes(name, n, 77);
    uint32_t at = (uint32_t)hash & (2 * MAX_PROCESSES - 1);
    for (;; at = (at + 1) & (2 * MAX_PROCESSES - 1)) {
        uint32_t found = k->process_table[at];
        if (found == NONE) break;
        Process *p = &k->processes[found];
        if (p->hash == hash && p->name_len == n && !memcmp(k->names.data + p->name, name, n)) return found;
    }
    if (k->process_count >= MAX_PROCESSES) return NONE;
    Process *p = &k->processes[k->process_count];
    p->hash = hash;
    p->name_len = n;
    if (!arena_add(&k->names, name, n, &p->name)) return NONE;
    k->process_table[at] = k->process_count;
    return k->process_count++;
}

static int has(const char *p, uint32_t n, const char *what, uint32_t m) {
    if (n < m) return 0;
    const char *end = p + n - m + 1;
    while (p < end && (p = memchr(p, what[0], end - p))) {
        if (!memcmp(p, what, m)) return 1;
        p++;
    }
    return 0;
}

/* Whether a text may carry a token (see ids.py). */
static int may_carry(const char *p, uint32_t n, int form) {
    if (has(p, n, "eyJ", 3)) return 1;
    if (form == SKIP) return 0;
    if (has(p, n, "earer ", 6)) return 1;
    if (!memchr(p, '=', n)) return 0;
    return has(p, n, "token=", 6) || has(p, n, "jwt=", 4) || has(p, n, "key=", 4) || has(p, n, "auth=", 5);
}

static int is_name(const char *p, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        if (!is_digit(p[i]) && !(p[i] >= 'a' && p[i] <= 'z') && !(p[i] >= 'A' && p[i] <= 'Z') && p[i] != '-' && p[i] != '_') return 0;
    return 1;
}

/* The length of the IPv4 address, perhaps mapped into IPv6, perhaps with a port, that a text is; 0 where it is none. */
static uint32_t ipv4(const char **text, uint32_t n) {
    const char *p = *text, *end = p + n;
    if (n > 7 && !memcmp(p, "::ffff:", 7)) p += 7;
    const char *start = p;
    for (int i = 0; i < 4; i++) {
        int digits = 0;
        while (p < end && is_digit(*p) && digits < 4) { p++; digits++; }
        if (!digits || digits > 3) return 0;
        if (i < 3) {
            if (p >= end || *p != '.') return 0;
            p++;
        }
    }
    const char *stop = p;
    if (p < end) {
        if (*p != ':' || end - p < 2 || end - p > 6) return 0;
        for (p++; p < end; p++)
            if (!is_digit(*p)) return 0;
    }
    *text = start;
    return (uint32_t)(stop - start);
}

/* The rank of a value whose form is plain to see; 0 where Python must be asked. */
static int rank_by_form(Kernel *k, Path *path, Slot *s, uint32_t process, uint64_t *rank) {
    const char *p = s->p;
    uint32_t n = s->len;
    if (s->is_text) {
        if (path->form != ID && path->form != PLAIN) return 0;
        if (n == 36 && is_uuid(p)) {
        } else if (n <= 53 && (is_digit(*p) || *p == ':')) {
            uint32_t m = ipv4(&p, n);
            if (m) n = m;
            else if (path->form != ID || !is_name(p, n)) return 0;
        } else if (path->form != ID || n > 128 || !is_name(p, n) || has(p, n, "eyJ", 3))
            return 0;
    }
    if (path->attempt && n <= 8 && process != NONE) {
        char text[1400];
        Process *of = &k->processes[process];
        uint32_t m = of->name_len;
        memcpy(text, k->names.data + of->name, m);
        char *at = memchr(text, 1, m);
        if (at == text) { memmove(text, text + 1, --m); }
        else if (at == text + m - 1) m--;
        else *at = '@';
        if (m) {
            text[m++] = 0;
            memcpy(text + m, p, n);
            *rank = rank_of(text, m + n) | 1;
            return 1;
        }
    }
    *rank = (rank_of(p, n) & ~1ull) | path->attempt;
    return 1;
}

static Intern *intern(Kernel *k, Slot *s, uint32_t process) {
    Path *path = &k->paths[s->path];
    /* What is left of a longer value, an address without its port, has more than eight characters; of a list it may not. */
    if (!(path->attempt && (s->len <= 21 || memchr(s->p, ',', s->len)))) process = NONE;
    uint64_t hash = hash_bytes(s->p, s->len, ((uint64_t)process << 32) ^ (s->path * 2 + s->is_text));
    uint32_t at = (uint32_t)hash & (2 * MAX_INTERNS - 1);
    for (;; at = (at + 1) & (2 * MAX_INTERNS - 1)) {
        uint32_t found = k->intern_table[at];
        if (found == NONE) break;
        Intern *v = &k->interns[found];
        if (v->hash == hash && v->path == s->path && v->process == process && v->value_len == s->len &&
            v->is_text == s->is_text && !memcmp(k->values.data + v->value, s->p, s->len))
            return v;
    }
    if (k->intern_count >= MAX_INTERNS - 1 || k->values.len > MAX_VALUES) { k->crowded = 1; return NULL; }
    Intern fresh = {hash, 0, s->path, process, 0, s->len, 1, s->is_text};
    if (!rank_by_form(k, path, s, process, &fresh.rank)) {
        PyObject *told = PyObject_CallFunction(k->identify, "ky#ik", (unsigned long)s->path, s->p, (Py_ssize_t)s->len,
                                               (int)s->is_text, (unsigned long)process);
        if (!told) { k->failed = 1; return NULL; }
        uint64_t rank = PyLong_AsUnsignedLongLong(told);
        Py_DECREF(told);
        if (PyErr_Occurred()) { k->failed = 1; return NULL; }
        fresh.state = rank == NO_ID ? 0 : rank == NOT_TAKEN ? -1 : rank >> 63 ? 2 + (rank & 1) : 1;
        fresh.rank = rank >> 63 ? rank & ~(1ull << 63 | 1) : rank;
    }
    if (!arena_add(&k->values, s->p, s->len, &fresh.value)) { k->crowded = 1; return NULL; }
    k->intern_table[at] = k->intern_count;
    k->interns[k->intern_count] = fresh;
    return &k->interns[k->intern_count++];
}

/* `may_vary` in proof.py. */
static int may_vary(Slot *s) {
    for (uint32_t i = 0; i < s->len; i++)
        if (is_digit(s->p[i]) || s->p[i] == '-') return 1;
    return 0;
}

/* Whether a detail's value is in its sample, or beyond it for good; 0: it must go the plain way, and will have. */
static int sampled_before(Kernel *k, Slot *s, uint32_t signature) {
    Path *path = &k->paths[s->path];
    int of_delay = path->detail >> 7;
    if (s->len > 300 || (of_delay && (s->is_text || *s->p == '-' || s->len > 11))) return 0;
    uint64_t rank = rank_of(s->p, s->len);
    uint32_t at = (uint32_t)mix(((uint64_t)signature << 8) | path->detail) & (2 * MAX_SKETCHES - 1);
    Sketch *of = NULL;
    for (;; at = (at + 1) & (2 * MAX_SKETCHES - 1)) {
        uint32_t found = k->sketch_table[at];
        if (found == NONE) break;
        of = &k->sketches[found];
        if (of->signature == signature && of->detail == path->detail) break;
        of = NULL;
    }
    if (!of) {
        if (k->sketch_count >= MAX_SKETCHES - 1) return 0;
        k->sketch_table[at] = k->sketch_count;
        of = &k->sketches[k->sketch_count++];
        memset(of, 0, sizeof *of);
        of->signature = signature;
        of->detail = path->detail;
    }
    for (uint32_t i = 0; i < of->count; i++)
        if (of->ranks[i] == rank) return 1;
    if (of->count == k->sketch_cap && rank > of->ranks[of->count - 1]) {
        of->cut = 1;
        return 1;
    }
    uint32_t i = of->count < k->sketch_cap ? of->count++ : of->count - 1u;
    for (; i && of->ranks[i - 1] > rank; i--) of->ranks[i] = of->ranks[i - 1];
    of->ranks[i] = rank;
    return 0;
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

/* The length of a time with its date that begins at p: `2026-11-23T01:50:33.613`, `Nov 23 01:50:33`; 0 where there is none. */
static uint32_t clock_at(const char *p, const char *end) {
    static const char iso[] = "0000-00-00T00:00:00", bsd[] = "Aaa 00 00:00:00";
    const char *like = is_digit(*p) ? iso : bsd;
    uint32_t n = (uint32_t)strlen(like);
    if ((size_t)(end - p) < n) return 0;
    for (uint32_t i = 0; i < n; i++) {
        char c = p[i], l = like[i];
        if (l == '0' ? !is_digit(c) && !(like == bsd && i == 4 && c == ' ')
            : l == 'A' ? !(c >= 'A' && c <= 'Z') : l == 'a' ? !(c >= 'a' && c <= 'z') : c != l)
            return 0;
    }
    if ((size_t)(end - p) > n + 1 && p[n] == '.' && is_digit(p[n + 1]))
        for (n++; p + n < end && is_digit(p[n]);) n++;
    return n;
}

/* What stands before a line's JSON; NONE: not for the kernel. The digits of times make no other prefix of it. */
static uint32_t prefix_of(Kernel *k, const char *p, uint32_t len) {
    char text[2 * MAX_PREFIX], *out = text;
    const char *end = p + len;
    while (p < end) {
        uint32_t n = out > text && is_word((unsigned char)p[-1]) ? 0 : clock_at(p, end);
        if (!n) {
            if ((unsigned char)*p < 0x20 && *p != '\t' && *p != '\x1b') return NONE; /* see is_binary in plausible.py */
            *out++ = *p++;
            continue;
        }
        uint32_t digits = 0;
        for (uint32_t i = 0; i < n; i++) {
            if (p[i] == '.') {
                digits = n - i - 1;
                *out++ = '.';
                if (digits > 9) return NONE;
                break;
            }
            *out++ = is_digit(p[i]) ? DIGIT : p[i];
        }
        if (digits >= 7) digits = 9; /* of nanoseconds, whose last zeros may be left out */
        memset(out, DIGIT, digits);
        out += digits;
        p += n;
    }
    uint32_t n = (uint32_t)(out - text);
    uint64_t hash = hash_bytes(text, n, 99);
    uint32_t at = (uint32_t)hash & (2 * MAX_PREFIXES - 1);
    for (;; at = (at + 1) & (2 * MAX_PREFIXES - 1)) {
        uint32_t found = k->prefix_table[at];
        if (found == NONE) break;
        Prefix *of = &k->prefixes[found];
        if (of->hash == hash && of->len == n && !memcmp(k->prefix_texts.data + of->text, text, n))
            return of->service < 0 ? NONE : found;
    }
    if (k->prefix_count >= MAX_PREFIXES || !met(k, hash)) return NONE;
    PyObject *told = PyObject_CallFunction(k->tell_prefix, "y#y#", end - len, (Py_ssize_t)len, text, (Py_ssize_t)n);
    if (!told) { k->failed = 1; return NONE; }
    long bits = PyLong_AsLong(told);
    Py_DECREF(told);
    if (bits == -1 && PyErr_Occurred()) { k->failed = 1; return NONE; }
    Prefix *of = &k->prefixes[k->prefix_count];
    if (!arena_add(&k->prefix_texts, text, n, &of->text)) return NONE;
    of->hash = hash;
    of->len = n;
    of->service = bits < 0 ? -1 : (int32_t)(bits >> 2);
    of->has = bits < 0 ? 0 : bits & 3;
    of->touched = 0;
    k->prefix_table[at] = k->prefix_count++;
    return bits < 0 ? NONE : k->prefix_count - 1;
}

static int take_line(Kernel *k, const char *p, const char *nl, int64_t offset, int64_t number) {
    const char *end = nl, *json = p;
    uint32_t at, prefix = 0;
    if (end > p && end[-1] == '\r') end--;
    if (end == p || end[-1] != '}') return REFUSED;
    if (*p != '{') {
        json = memchr(p, '{', end - p < MAX_PREFIX ? end - p : MAX_PREFIX);
        if (!json || memchr(p, 0x7f, end - p)) return REFUSED; /* see is_binary in plausible.py */
        if ((prefix = prefix_of(k, p, (uint32_t)(json - p))) == NONE) return REFUSED;
    }
    if (!walk(k, json, end) || !k->time) return REFUSED; /* a time of 0 stands for none */
    int form = LOOSE_FORM;
    Variant *v;
    for (;;) {
        uint64_t hash = canonical(k, json, end, form);
        v = find(k, hash, &at);
        if (!v) return met(k, hash) ? UNKNOWN + form : REFUSED;
        if (v->kind == KIND_SAYING && form < SAYING_FORM) form = SAYING_FORM;
        else if (v->kind == KIND_EXACT && form < EXACT_FORM) form = EXACT_FORM;
        else break;
    }
    if (v->kind != KIND_VARIANT || (k->prefixes[prefix].has & ~v->has)) return REFUSED;
    uint32_t process = NONE;
    if ((v->has & HAS_PROCESS) && (process = process_of(k)) == NONE) return REFUSED;
    if (!room((void **)&k->events, &k->event_room, k->event_count + 1, sizeof *k->events)) return REFUSED;
    if (!room((void **)&k->ids, &k->id_room, k->id_count + MAX_SLOTS, sizeof *k->ids)) return REFUSED;
    uint32_t ids = k->id_count;
    int tokens = 0;
    for (int i = 0; i < k->slot_count; i++) {
        Slot *s = &k->slots[i];
        if (!(v->visited >> i & 1)) continue;
        Path *path = &k->paths[s->path];
        if (s->is_text == FRACTION) continue;
        if (s->is_text) {
            if ((path->form == SKIP || path->form == URL) && !may_carry(s->p, s->len, path->form)) continue;
            if (s->len < 2) continue;
        } else if (path->form != ID || *s->p == '-' || *s->p == '0')
            continue;
        Intern *known = intern(k, s, process);
        if (!known || known->state < 0) return REFUSED;
        if (!known->state) continue;
        if (known->state > 1 && tokens++) return REFUSED;
        EventId *id = &k->ids[ids++];
        id->rank = known->rank;
        id->path = known->state == 1 ? s->path : known->state == 2 ? TOKEN : JWT;
        id->intern = (uint32_t)(known - k->interns);
    }
    if (v->details)
        for (int i = 0; i < k->slot_count; i++) {
            Slot *s = &k->slots[i];
            int asked = s->policy == DETAIL ? v->details & DETAILS : s->policy == SAID ? (v->details & SAYINGS) && may_vary(s) : 0;
            if (asked && !sampled_before(k, s, v->signature)) return REFUSED;
            if (s->policy != MESSAGE || !(v->details & TELLING)) continue;
            PyObject *told = PyObject_CallFunction(k->tells, "ky#", (unsigned long)v->index, s->p, (Py_ssize_t)s->len);
            if (!told) { k->failed = 1; return REFUSED; }
            int known = PyObject_IsTrue(told);
            Py_DECREF(told);
            if (known < 0) k->failed = 1;
            if (known != 1) return REFUSED;
        }
    if (ids - k->id_count > 12) return REFUSED;
    Event *e = &k->events[k->event_count++];
    e->time = k->time;
    e->offset = offset;
    e->number = number;
    e->size = (uint32_t)(nl - p + 1);
    e->variant = v->index;
    e->signature = v->signature;
    e->failing = v->failing;
    e->prefix = (uint16_t)prefix;
    if (!k->prefixes[prefix].touched) {
        k->prefixes[prefix].touched = 1;
        k->touched[k->touched_count++] = prefix;
    }
    e->ids = k->id_count;
    e->id_count = (uint16_t)(ids - k->id_count);
    k->id_count = ids;
    return TAKEN;
}

/* ---------------------------------------------------------------- methods: taking */

PyDoc_STRVAR(take_doc,
"take(data, start, base, number, low, high) -> (next, number, state, services)\n\n"
"Takes whole lines of `data` from `start` on that begin in [low, high), until one can't be taken. `base` is the offset of\n"
"data[0] in the stream, `number` that of the line at `start`. state: 0 no whole line is left, 1 the next line is not for\n"
"the kernel, from 2 on it would be once its form (state - 2) has been put. services: of the lines that were taken, as\n"
"`tell_prefix` numbers them, some perhaps twice.");

static PyObject *take(Kernel *k, PyObject *args) {
    PyObject *bytes;
    Py_ssize_t start;
    long long base, number, low, high;
    if (!PyArg_ParseTuple(args, "SnLLLL", &bytes, &start, &base, &number, &low, &high)) return NULL;
    const char *data = PyBytes_AsString(bytes), *p = data + start, *end = data + PyBytes_Size(bytes);
    int state = ENDED;
    k->failed = 0;
    while (p < end) {
        const char *nl = memchr(p, '\n', end - p);
        if (!nl) break;
        int64_t offset = base + (p - data);
        if (offset < low || offset >= high) { state = REFUSED; break; }
        state = take_line(k, p, nl, offset, number);
        if (k->failed) return NULL;
        if (state != TAKEN) break;
        state = ENDED;
        number++;
        p = nl + 1;
    }
    PyObject *services = PyTuple_New(k->touched_count);
    for (uint32_t i = 0; i < k->touched_count; i++) {
        Prefix *of = &k->prefixes[k->touched[i]];
        PyObject *service = PyLong_FromLong(of->service);
        of->touched = 0;
        if (!services || !service) { Py_XDECREF(service); Py_CLEAR(services); }
        else if (PyTuple_SetItem(services, i, service) < 0) Py_CLEAR(services);
    }
    k->touched_count = 0;
    return services ? Py_BuildValue("nLiN", (Py_ssize_t)(p - data), (long long)number, state, services) : PyErr_NoMemory();
}

PyDoc_STRVAR(slots_doc,
"slots(line) -> [(path, value, policy, is_text, where it begins)] | None\n\nWhat varies in a line, in its order; None where the kernel can't walk it.");

static PyObject *slots(Kernel *k, PyObject *args) {
    const char *p;
    Py_ssize_t n;
    if (!PyArg_ParseTuple(args, "y#", &p, &n)) return NULL;
    k->failed = 0;
    if (!walk(k, p, p + n)) {
        if (k->failed) return NULL;
        Py_RETURN_NONE;
    }
    PyObject *out = PyList_New(0);
    for (int i = 0; out && i < k->slot_count; i++) {
        Slot *s = &k->slots[i];
        PyObject *item = Py_BuildValue("ky#iin", (unsigned long)s->path, s->p, (Py_ssize_t)s->len, (int)s->policy, (int)s->is_text,
                                       (Py_ssize_t)(s->p - p));
        if (!item || PyList_Append(out, item) < 0) { Py_XDECREF(item); Py_CLEAR(out); break; }
        Py_DECREF(item);
    }
    return out;
}

PyDoc_STRVAR(put_doc,
"put(line, form, kind, signature, failing, has, visited, details) -> index\n\n"
"What lines of this line's form (0 loose, 1 saying, 2 exact) are: kind 0 not for the kernel, 1 a variant, 2 and 3 told apart\n"
"by the saying or the exact form alone. `line` is its JSON alone; `has`: 1 a process, 2 a level.\n"
"`visited`: a bit for each slot whose value may be an id; `details`: what is sampled by value. -1 where there is no room.");

static PyObject *put(Kernel *k, PyObject *args) {
    const char *p;
    Py_ssize_t n;
    int form, kind, failing, has, details;
    unsigned long signature;
    unsigned long long visited;
    if (!PyArg_ParseTuple(args, "y#iikiiKi", &p, &n, &form, &kind, &signature, &failing, &has, &visited, &details)) return NULL;
    k->failed = 0;
    if (!walk(k, p, p + n)) {
        if (k->failed) return NULL;
        return PyLong_FromLong(-1);
    }
    uint64_t hash = canonical(k, p, p + n, form);
    uint32_t at;
    Variant *v = find(k, hash, &at);
    if (!v) {
        if (k->variant_count >= MAX_VARIANTS || k->canons.len + k->canon_len > MAX_CANONS) return PyLong_FromLong(-1);
        v = &k->variants[k->variant_count];
        if (!arena_add(&k->canons, k->canon, k->canon_len, &v->canon)) return PyLong_FromLong(-1);
        v->hash = hash;
        v->canon_len = k->canon_len;
        k->variant_table[at] = k->variant_count++;
    }
    v->index = k->next_index++;
    v->kind = (uint8_t)kind;
    v->signature = (uint32_t)signature;
    v->failing = (uint8_t)failing;
    v->has = (uint8_t)has;
    v->visited = visited;
    v->details = (uint8_t)details;
    return PyLong_FromUnsignedLong(v->index);
}

static PyObject *forget(Kernel *k, PyObject *unused) {
    memset(k->variant_table, 0xff, 2 * MAX_VARIANTS * sizeof(uint32_t));
    k->variant_count = 0;
    k->canons.len = 0;
    Py_RETURN_NONE;
}

static PyObject *renew(Kernel *k, PyObject *unused) {
    memset(k->sketch_table, 0xff, 2 * MAX_SKETCHES * sizeof(uint32_t));
    k->sketch_count = k->event_count = k->id_count = k->sampled = k->signature_count = 0;
    while (k->touched_count) k->prefixes[k->touched[--k->touched_count]].touched = 0;
    return PyBool_FromLong(k->path_count < MAX_PATHS / 2 && k->process_count < MAX_PROCESSES / 2 && k->prefix_count < MAX_PREFIXES / 2);
}

static PyObject *cut_details(Kernel *k, PyObject *unused) {
    PyObject *out = PyList_New(0);
    for (uint32_t i = 0; out && i < k->sketch_count; i++) {
        if (!k->sketches[i].cut) continue;
        PyObject *item = Py_BuildValue("Ii", k->sketches[i].signature, (int)k->sketches[i].detail);
        if (!item || PyList_Append(out, item) < 0) { Py_XDECREF(item); Py_CLEAR(out); break; }
        Py_DECREF(item);
    }
    return out;
}

static PyObject *value(Kernel *k, PyObject *args) {
    unsigned long at;
    if (!PyArg_ParseTuple(args, "k", &at)) return NULL;
    if (at >= k->intern_count) { PyErr_SetString(PyExc_IndexError, "no such value"); return NULL; }
    Intern *v = &k->interns[at];
    return Py_BuildValue("ky#i", (unsigned long)v->path, k->values.data + v->value, (Py_ssize_t)v->value_len, (int)v->is_text);
}

static PyObject *process_name(Kernel *k, PyObject *args) {
    unsigned long at;
    if (!PyArg_ParseTuple(args, "k", &at)) return NULL;
    if (at >= k->process_count) { PyErr_SetString(PyExc_IndexError, "no such process"); return NULL; }
    Process *v = &k->processes[at];
    return PyBytes_FromStringAndSize(k->names.data + v->name, v->name_len);
}

/* ---------------------------------------------------------------- methods: sampling */

PyDoc_STRVAR(begin_doc,
"begin(source, block_size, before) -> [(block, first, end)]\n\n"
"Makes ready the events of all blocks before `before`: their number in `sampled`, by block.");

static PyObject *begin(Kernel *k, PyObject *args) {
    long long source, size, before;
    if (!PyArg_ParseTuple(args, "LLL", &source, &size, &before)) return NULL;
    uint32_t n = 0, most = 0;
    while (n < k->event_count && k->events[n].offset / size < before) {
        if (k->events[n].signature > most) most = k->events[n].signature;
        n++;
    }
    free(k->line_ranks);
    free(k->order);
    k->line_ranks = malloc((n + 1) * sizeof *k->line_ranks);
    k->order = malloc((n + 1) * sizeof *k->order);
    if (!k->line_ranks || !k->order || !room((void **)&k->signature_start, &k->signature_room, most + 3, sizeof(uint32_t)))
        return PyErr_NoMemory();
    k->sampled = n;
    k->signature_count = most + 1;
    k->source = source << 40;
    memset(k->signature_start, 0, (most + 3) * sizeof(uint32_t));
    for (uint32_t i = 0; i < n; i++) {
        k->line_ranks[i] = splitmix((uint64_t)(k->source + k->events[i].number));
        k->signature_start[k->events[i].signature + 2]++;
    }
    for (uint32_t s = 2; s < most + 3; s++) k->signature_start[s] += k->signature_start[s - 1];
    for (uint32_t i = 0; i < n; i++) k->order[k->signature_start[k->events[i].signature + 1]++] = i;
    PyObject *out = PyList_New(0);
    for (uint32_t i = 0; out && i < n;) {
        uint32_t first = i;
        int64_t block = k->events[i].offset / size;
        while (i < n && k->events[i].offset / size == block) i++;
        PyObject *item = Py_BuildValue("LII", (long long)block, first, i);
        if (!item || PyList_Append(out, item) < 0) { Py_XDECREF(item); Py_CLEAR(out); break; }
        Py_DECREF(item);
    }
    return out;
}

static PyObject *variant_counts(Kernel *k, PyObject *unused) {
    PyObject *out = PyList_New(0);
    uint32_t low = NONE, high = 0, n = k->sampled;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t v = k->events[i].variant;
        if (v < low) low = v;
        if (v > high) high = v;
    }
    if (!n || !out) return out;
    uint64_t *sums = calloc((size_t)(high - low + 1) * 2, sizeof *sums);
    if (!sums) { Py_DECREF(out); return PyErr_NoMemory(); }
    for (uint32_t i = 0; i < n; i++) {
        sums[2 * (k->events[i].variant - low)]++;
        sums[2 * (k->events[i].variant - low) + 1] += k->events[i].size;
    }
    for (uint32_t v = 0; out && v <= high - low; v++) {
        if (!sums[2 * v]) continue;
        PyObject *item = Py_BuildValue("IKK", v + low, (unsigned long long)sums[2 * v], (unsigned long long)sums[2 * v + 1]);
        if (!item || PyList_Append(out, item) < 0) { Py_XDECREF(item); Py_CLEAR(out); break; }
        Py_DECREF(item);
    }
    free(sums);
    return out;
}

static PyObject *served(Kernel *k, PyObject *unused) {
    PyObject *out = PyList_New(0);
    uint32_t *counts = calloc(k->prefix_count, sizeof *counts);
    if (!counts || !out) { free(counts); Py_XDECREF(out); return PyErr_NoMemory(); }
    for (uint32_t s = 0; out && s < k->signature_count; s++) {
        uint32_t first = k->signature_start[s], end = k->signature_start[s + 1];
        for (uint32_t i = first; i < end; i++) {
            Event *e = &k->events[k->order[i]];
            if (e->failing && e->prefix) counts[e->prefix]++;
        }
        for (uint32_t i = first; out && i < end; i++) {
            uint32_t prefix = k->events[k->order[i]].prefix;
            if (!counts[prefix]) continue;
            PyObject *item = Py_BuildValue("IiI", s, (int)k->prefixes[prefix].service, counts[prefix]);
            counts[prefix] = 0;
            if (!item || PyList_Append(out, item) < 0) { Py_XDECREF(item); Py_CLEAR(out); break; }
            Py_DECREF(item);
        }
    }
    free(counts);
    return out;
}

static PyObject *failing(Kernel *k, PyObject *args) {
    unsigned int first, end;
    if (!PyArg_ParseTuple(args, "II", &first, &end)) return NULL;
    struct seen { uint32_t signature; int64_t low, high; } *seen;
    uint32_t n = 0;
    if (end > k->sampled) end = k->sampled;
    if (first > end) first = end;
    if (!(seen = malloc((end - first + 1) * sizeof *seen))) return PyErr_NoMemory();
    for (uint32_t i = first; i < end; i++) {
        Event *e = &k->events[i];
        if (!e->failing) continue;
        uint32_t j = 0;
        while (j < n && seen[j].signature != e->signature) j++;
        if (j == n) {
            seen[n].signature = e->signature;
            seen[n].low = seen[n].high = e->time;
            n++;
        }
        if (e->time < seen[j].low) seen[j].low = e->time;
        if (e->time > seen[j].high) seen[j].high = e->time;
    }
    PyObject *out = PyList_New(0);
    for (uint32_t j = 0; out && j < n; j++) {
        PyObject *item = Py_BuildValue("ILL", seen[j].signature, (long long)seen[j].low, (long long)seen[j].high);
        if (!item || PyList_Append(out, item) < 0) { Py_XDECREF(item); Py_CLEAR(out); break; }
        Py_DECREF(item);
    }
    free(seen);
    return out;
}

/* The events of a signature, of all (-1), or of all that fail (-2), as [first, end) of `order` or of `events`. */
static void extent(Kernel *k, long signature, uint32_t *first, uint32_t *end) {
    *first = *end = 0;
    if (signature < 0) *end = k->sampled;
    else if (signature < (long)k->signature_count) {
        *first = k->signature_start[signature];
        *end = k->signature_start[signature + 1];
    }
}

typedef struct { int64_t bucket; uint32_t count; } Bucket;

static int by_bucket(const void *a, const void *b) {
    const Bucket *x = a, *y = b;
    return x->bucket < y->bucket ? -1 : x->bucket > y->bucket;
}

PyDoc_STRVAR(histogram_doc,
"histogram(signature, of_time, shift, cap) -> (shift, {bucket: count})\n\n"
"Counts of times or positions in at most `cap` buckets, of the given width or the next that does.");

static PyObject *histogram(Kernel *k, PyObject *args) {
    int signature, of_time, shift, cap, sorted = 1;
    uint32_t first, end, n = 0;
    if (!PyArg_ParseTuple(args, "iiii", &signature, &of_time, &shift, &cap)) return NULL;
    extent(k, signature, &first, &end);
    Bucket *buckets = malloc((end - first + 1) * sizeof *buckets);
    if (!buckets) return PyErr_NoMemory();
    for (uint32_t i = first; i < end; i++) {
        Event *e = &k->events[signature < 0 ? i : k->order[i]];
        int64_t bucket;
        if (signature == -2 && !e->failing) continue;
        if (signature < 0 || of_time) {
            if (!e->time) continue;
            bucket = e->time >> shift;
        } else
            bucket = (k->source + e->number) >> shift;
        if (n && buckets[n - 1].bucket == bucket) { buckets[n - 1].count++; continue; }
        if (n && buckets[n - 1].bucket > bucket) sorted = 0;
        buckets[n].bucket = bucket;
        buckets[n++].count = 1;
    }
    if (!sorted) qsort(buckets, n, sizeof *buckets, by_bucket);
    for (int halve = 0;; halve = 1) { /* buckets nest: those that fall together stand together */
        uint32_t m = 0;
        for (uint32_t i = 0; i < n; i++) {
            int64_t bucket = buckets[i].bucket >> halve;
            uint32_t count = buckets[i].count;
            if (m && buckets[m - 1].bucket == bucket) buckets[m - 1].count += count;
            else { buckets[m].bucket = bucket; buckets[m++].count = count; }
        }
        n = m;
        shift += halve;
        if (n <= (uint32_t)cap) break;
    }
    PyObject *out = PyDict_New();
    for (uint32_t i = 0; out && i < n; i++) {
        PyObject *key = PyLong_FromLongLong(buckets[i].bucket), *count = PyLong_FromUnsignedLong(buckets[i].count);
        if (!key || !count || PyDict_SetItem(out, key, count) < 0) Py_CLEAR(out);
        Py_XDECREF(key);
        Py_XDECREF(count);
    }
    free(buckets);
    return out ? Py_BuildValue("iN", shift, out) : NULL;
}

typedef struct { int64_t time, position; } Point;

static int by_point(const void *a, const void *b) {
    const Point *x = a, *y = b;
    if (x->time != y->time) return x->time < y->time ? -1 : 1;
    return x->position < y->position ? -1 : x->position > y->position;
}

/* At most `cap` of each end of the points, in order, as a list of tuples. */
static PyObject *both_ends(Point *points, uint32_t n, uint32_t cap) {
    for (uint32_t i = 1; i < n; i++)
        if (points[i].time < points[i - 1].time) { qsort(points, n, sizeof *points, by_point); break; }
    PyObject *out = PyList_New(0);
    for (uint32_t i = 0; out && i < n; i++) {
        if (n > 2 * cap && i == cap) i = n - cap;
        PyObject *item = Py_BuildValue("LL", (long long)points[i].time, (long long)points[i].position);
        if (!item || PyList_Append(out, item) < 0) { Py_XDECREF(item); Py_CLEAR(out); break; }
        Py_DECREF(item);
    }
    return out;
}

PyDoc_STRVAR(signature_doc,
"signature(number, cap, limit, examples) -> (ends, [(line rank, event)], cut, first event, {path: count}, first time, last time)\n\n"
"Of one signature: both ends of its events, its `examples` lines of smallest rank up to `limit`, the earliest event.");

static PyObject *signature(Kernel *k, PyObject *args) {
    int number, cap, examples;
    unsigned long long limit;
    uint32_t first, end;
    if (!PyArg_ParseTuple(args, "iiKi", &number, &cap, &limit, &examples)) return NULL;
    extent(k, number, &first, &end);
    uint32_t n = end - first, kept_count = 0, cut = 0, earliest = 0;
    Point *points = malloc((n + 1) * sizeof *points);
    uint64_t best[64];
    uint32_t best_at[64];
    PyObject *paths = PyDict_New(), *samples = PyList_New(0), *out = NULL;
    if (!points || !paths || !samples) goto done;
    if (examples > 64) examples = 64;
    uint32_t counts_at[64], counts[64], count_n = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t at = k->order[first + i];
        Event *e = &k->events[at];
        points[i].time = e->time;
        points[i].position = k->source + e->number;
        if (!i || points[i].time < points[earliest].time) earliest = i;
        uint64_t rank = k->line_ranks[at];
        if (rank > limit) cut = 1;
        else {
            uint32_t j = kept_count;
            if (kept_count == (uint32_t)examples) {
                cut = 1;
                if (rank > best[kept_count - 1]) j = NONE;
                else j = --kept_count;
            }
            if (j != NONE) {
                while (j && best[j - 1] > rank) { best[j] = best[j - 1]; best_at[j] = best_at[j - 1]; j--; }
                best[j] = rank;
                best_at[j] = at;
                kept_count++;
            }
        }
        for (uint32_t d = 0; d < e->id_count; d++) {
            uint32_t path = k->ids[e->ids + d].path, j = 0;
            while (j < count_n && counts_at[j] != path) j++;
            if (j == count_n) {
                if (count_n == 64) { PyErr_SetString(PyExc_OverflowError, "too many keys"); goto done; }
                counts_at[count_n] = path;
                counts[count_n++] = 0;
            }
            counts[j]++;
        }
    }
    for (uint32_t j = 0; j < count_n; j++) {
        PyObject *key = PyLong_FromUnsignedLong(counts_at[j]), *count = PyLong_FromUnsignedLong(counts[j]);
        int bad = !key || !count || PyDict_SetItem(paths, key, count) < 0;
        Py_XDECREF(key);
        Py_XDECREF(count);
        if (bad) goto done;
    }
    for (uint32_t j = 0; j < kept_count; j++) {
        PyObject *item = Py_BuildValue("KI", (unsigned long long)best[j], best_at[j]);
        if (!item || PyList_Append(samples, item) < 0) { Py_XDECREF(item); goto done; }
        Py_DECREF(item);
    }
    {
        uint32_t first_event = n ? k->order[first + earliest] : 0;
        int64_t low = n ? points[earliest].time : 0;
        PyObject *ends = both_ends(points, n, (uint32_t)cap);
        if (ends) out = Py_BuildValue("NOiIOLL", ends, samples, (int)cut, first_event, paths, (long long)low, (long long)(n ? points[n - 1].time : 0));
    }
done:
    free(points);
    Py_XDECREF(paths);
    Py_XDECREF(samples);
    if (!out && !PyErr_Occurred()) PyErr_NoMemory();
    return out;
}

typedef struct { uint64_t rank; uint32_t intern, event; } Told;

static int by_told(const void *a, const void *b) {
    const Told *x = a, *y = b;
    if (x->rank != y->rank) return x->rank < y->rank ? -1 : 1;
    return x->event < y->event ? -1 : x->event > y->event;
}

static PyObject *earliest(Kernel *k, uint32_t *told, uint32_t n) {
    int64_t time = INT64_MAX;
    PyObject *out = PyList_New(0);
    for (uint32_t i = 0; i < n; i++)
        if (k->events[told[i]].time < time) time = k->events[told[i]].time;
    for (uint32_t i = 0; out && i < n; i++) {
        if (k->events[told[i]].time != time) continue;
        PyObject *item = PyLong_FromUnsignedLong(told[i]);
        if (!item || PyList_Append(out, item) < 0) { Py_XDECREF(item); Py_CLEAR(out); break; }
        Py_DECREF(item);
    }
    return out;
}

/* A value of a key: its events are [first, first + count) of a list. */
typedef struct { uint64_t rank; uint32_t intern, count, first; } Valued;

static int by_rank(const void *a, const void *b) {
    const Valued *x = a, *y = b;
    if (x->rank != y->rank) return x->rank < y->rank ? -1 : 1;
    return x->first < y->first ? -1 : x->first > y->first;
}

PyDoc_STRVAR(key_doc,
"key(signature, path, limits, caps) -> (stories, cut, ranks, cut, lines, cut)\n\n"
"Of the values of one id key: stories [(rank, value, count, ends, events of the earliest time | None)] of the smallest ranks up to limits[0], bare ranks up to\n"
"limits[1], lines [(line rank, value, rank)] up to limits[2]; caps: values, ranks, events at each end of a story.");

static PyObject *key_sample(Kernel *k, PyObject *args) {
    int number, cap, ranks_cap, story_cap;
    unsigned int path;
    unsigned long long limit, ranks_limit, lines_limit;
    uint32_t first, end, n = 0, ln = 0, values = 0;
    if (!PyArg_ParseTuple(args, "iI(KKK)(iii)", &number, &path, &limit, &ranks_limit, &lines_limit, &cap, &ranks_cap, &story_cap))
        return NULL;
    extent(k, number, &first, &end);
    uint32_t most = 0;
    for (uint32_t i = first; i < end; i++) most += k->events[k->order[i]].id_count;
    Told *told = malloc((most + 1) * sizeof *told), *lines = malloc((most + 1) * sizeof *lines);
    Valued *valued = malloc((most + 1) * sizeof *valued);
    uint32_t *at_event = malloc((most + 1) * sizeof *at_event), *alike = malloc((most + 1) * sizeof *alike), *of_intern = malloc((k->intern_count + 1) * sizeof *of_intern);
    Point *points = malloc((most + 1) * sizeof *points);
    PyObject *stories = PyList_New(0), *ranks = PyList_New(0), *line_list = PyList_New(0), *out = NULL;
    int stories_cut = 0, ranks_cut = 0, lines_cut = 0;
    if (!told || !lines || !valued || !at_event || !alike || !of_intern || !points || !stories || !ranks || !line_list) goto done;
    memset(of_intern, 0xff, (k->intern_count + 1) * sizeof *of_intern);
    for (uint32_t i = first; i < end; i++) {
        uint32_t at = k->order[i];
        Event *e = &k->events[at];
        for (uint32_t d = 0; d < e->id_count; d++) {
            EventId *id = &k->ids[e->ids + d];
            if (id->path != path) continue;
            if (id->rank > limit) stories_cut = 1;
            if (id->rank > ranks_limit) ranks_cut = 1;
            if (id->rank <= limit || id->rank <= ranks_limit) {
                uint32_t v = of_intern[id->intern];
                if (v == NONE) {
                    v = of_intern[id->intern] = values++;
                    valued[v].rank = id->rank;
                    valued[v].intern = id->intern;
                    valued[v].count = 0;
                }
                valued[v].count++;
                told[n].intern = v;
                told[n++].event = at;
            }
            if (k->line_ranks[at] > lines_limit) lines_cut = 1;
            else {
                lines[ln].rank = k->line_ranks[at];
                lines[ln].intern = id->intern;
                lines[ln++].event = at;
            }
        }
    }
    for (uint32_t v = 0, sum = 0; v < values; v++) {
        valued[v].first = sum;
        sum += valued[v].count;
        valued[v].count = 0;
    }
    for (uint32_t i = 0; i < n; i++) {
        Valued *v = &valued[told[i].intern];
        at_event[v->first + v->count++] = told[i].event;
    }
    qsort(valued, values, sizeof *valued, by_rank);
    int distinct = 0;
    for (uint32_t i = 0; i < values; distinct++) {
        uint32_t j = i, count = 0;
        uint64_t rank = valued[i].rank;
        int story = rank <= limit && distinct < cap;
        if (rank <= limit && !story) stories_cut = 1;
        for (; j < values && valued[j].rank == rank; j++) { /* one, but for a text and a number that are alike */
            Valued *v = &valued[j];
            for (uint32_t q = 0; story && q < v->count; q++) {
                uint32_t at = alike[count + q] = at_event[v->first + q];
                points[count + q].time = k->events[at].time;
                points[count + q].position = k->source + k->events[at].number;
            }
            count += v->count;
        }
        if (story) {
            if (j > i + 1) qsort(points, count, sizeof *points, by_point);
            PyObject *ends = both_ends(points, count, (uint32_t)story_cap);
            PyObject *at = ends && path == JWT ? earliest(k, alike, count) : Py_BuildValue("");
            PyObject *item = ends && at ? Py_BuildValue("KIINN", (unsigned long long)rank, valued[i].intern, count, ends, at) : NULL;
            if (!item || PyList_Append(stories, item) < 0) { Py_XDECREF(item); goto done; }
            Py_DECREF(item);
        }
        if (rank <= ranks_limit) {
            if (distinct >= ranks_cap) ranks_cut = 1;
            else {
                PyObject *item = PyLong_FromUnsignedLongLong(rank);
                if (!item || PyList_Append(ranks, item) < 0) { Py_XDECREF(item); goto done; }
                Py_DECREF(item);
            }
        }
        i = j;
    }
    qsort(lines, ln, sizeof *lines, by_told);
    for (uint32_t i = 0; i < ln; i++) {
        if (i >= (uint32_t)cap) { lines_cut = 1; break; }
        PyObject *item = Py_BuildValue("KIK", (unsigned long long)lines[i].rank, lines[i].intern,
                                       (unsigned long long)k->interns[lines[i].intern].rank);
        if (!item || PyList_Append(line_list, item) < 0) { Py_XDECREF(item); goto done; }
        Py_DECREF(item);
    }
    out = Py_BuildValue("OiOiOi", stories, stories_cut, ranks, ranks_cut, line_list, lines_cut);
done:
    free(told);
    free(lines);
    free(valued);
    free(at_event);
    free(alike);
    free(of_intern);
    free(points);
    Py_XDECREF(stories);
    Py_XDECREF(ranks);
    Py_XDECREF(line_list);
    if (!out && !PyErr_Occurred()) PyErr_NoMemory();
    return out;
}

static PyObject *one_event(Kernel *k, Event *e) {
    PyObject *ranks = PyTuple_New(e->id_count);
    for (uint32_t d = 0; ranks && d < e->id_count; d++) {
        PyObject *rank = PyLong_FromUnsignedLongLong(k->ids[e->ids + d].rank);
        if (!rank) { Py_CLEAR(ranks); break; }
        PyTuple_SetItem(ranks, d, rank);
    }
    if (!ranks) return NULL;
    return Py_BuildValue("LLIiNLI", (long long)e->time, (long long)(k->source + e->number), e->signature, (int)e->failing, ranks,
                         (long long)e->offset, e->size);
}

PyDoc_STRVAR(events_doc, "events(first, end) -> [(time, position, signature, failing, ranks, offset, size)]");

static PyObject *events(Kernel *k, PyObject *args) {
    unsigned int first, end;
    if (!PyArg_ParseTuple(args, "II", &first, &end)) return NULL;
    PyObject *out = PyList_New(0);
    for (uint32_t i = first; out && i < end && i < k->event_count; i++) {
        PyObject *item = one_event(k, &k->events[i]);
        if (!item || PyList_Append(out, item) < 0) { Py_XDECREF(item); Py_CLEAR(out); break; }
        Py_DECREF(item);
    }
    return out;
}

PyDoc_STRVAR(near_doc, "near(first, end, position) -> (position, time) of the last event before a position | None");

static PyObject *near(Kernel *k, PyObject *args) {
    unsigned int first, end;
    long long position;
    if (!PyArg_ParseTuple(args, "IIL", &first, &end, &position)) return NULL;
    uint32_t low = first, high = end < k->event_count ? end : k->event_count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (k->source + k->events[middle].number < position) low = middle + 1;
        else high = middle;
    }
    if (low <= first) Py_RETURN_NONE;
    return Py_BuildValue("LL", (long long)(k->source + k->events[low - 1].number), (long long)k->events[low - 1].time);
}

/* The sampled events are done with: the others move to the front, and values that no event needs may go. */
static PyObject *drop(Kernel *k, PyObject *unused) {
    uint32_t n = k->sampled, ids = n < k->event_count ? k->events[n].ids : k->id_count;
    if (n) memmove(k->events, k->events + n, (k->event_count - n) * sizeof *k->events);
    if (ids) memmove(k->ids, k->ids + ids, (k->id_count - ids) * sizeof *k->ids);
    k->event_count -= n;
    k->id_count -= ids;
    k->sampled = k->signature_count = 0;
    for (uint32_t i = 0; i < k->event_count; i++) k->events[i].ids -= ids;
    if (k->crowded || k->intern_count > MAX_INTERNS / 2 || k->values.len > MAX_VALUES / 2) {
        Arena old = k->values;
        Intern *known = k->interns;
        uint32_t had = k->intern_count;
        Intern *fresh = malloc(MAX_INTERNS * sizeof *fresh);
        if (!fresh) return PyErr_NoMemory();
        k->interns = fresh;
        k->intern_count = 0;
        k->crowded = 0;
        memset(&k->values, 0, sizeof k->values);
        memset(k->intern_table, 0xff, 2 * MAX_INTERNS * sizeof(uint32_t));
        (void)had;
        for (uint32_t i = 0; i < k->id_count; i++) {
            Intern copy = known[k->ids[i].intern];
            uint32_t at = (uint32_t)copy.hash & (2 * MAX_INTERNS - 1), found;
            for (; (found = k->intern_table[at]) != NONE; at = (at + 1) & (2 * MAX_INTERNS - 1)) {
                Intern *v = &k->interns[found];
                if (v->hash == copy.hash && v->path == copy.path && v->process == copy.process && v->is_text == copy.is_text &&
                    v->value_len == copy.value_len && !memcmp(k->values.data + v->value, old.data + copy.value, copy.value_len))
                    break;
            }
            if (found == NONE) {
                if (!arena_add(&k->values, old.data + copy.value, copy.value_len, &copy.value)) break;
                found = k->intern_table[at] = k->intern_count;
                k->interns[k->intern_count++] = copy;
            }
            k->ids[i].intern = found;
        }
        free(known);
        free(old.data);
    }
    uint32_t oldest = k->next_index;
    for (uint32_t i = 0; i < k->event_count; i++)
        if (k->events[i].variant < oldest) oldest = k->events[i].variant;
    return PyLong_FromUnsignedLong(oldest);
}

/* ---------------------------------------------------------------- the type */

static int init(Kernel *k, PyObject *args, PyObject *kwargs) {
    PyObject *tell_path, *identify, *tells, *tell_prefix;
    unsigned int cap;
    if (!PyArg_ParseTuple(args, "OOOOI", &tell_path, &identify, &tells, &tell_prefix, &cap)) return -1;
    if (cap < 1 || cap > SKETCH) { PyErr_SetString(PyExc_ValueError, "no sample of this size"); return -1; }
    k->sketch_cap = cap;
    Py_INCREF(tell_path);
    Py_INCREF(identify);
    Py_INCREF(tells);
    Py_INCREF(tell_prefix);
    k->tell_prefix = tell_prefix;
    k->tells = tells;
    k->tell_path = tell_path;
    k->identify = identify;
    k->prefixes = calloc(MAX_PREFIXES, sizeof *k->prefixes);
    k->prefix_table = malloc(2 * MAX_PREFIXES * sizeof(uint32_t));
    k->paths = calloc(MAX_PATHS, sizeof *k->paths);
    k->path_table = malloc(2 * MAX_PATHS * sizeof(uint32_t));
    k->variants = calloc(MAX_VARIANTS, sizeof *k->variants);
    k->variant_table = malloc(2 * MAX_VARIANTS * sizeof(uint32_t));
    k->interns = malloc(MAX_INTERNS * sizeof *k->interns);
    k->intern_table = malloc(2 * MAX_INTERNS * sizeof(uint32_t));
    k->processes = calloc(MAX_PROCESSES, sizeof *k->processes);
    k->process_table = malloc(2 * MAX_PROCESSES * sizeof(uint32_t));
    k->sketches = calloc(MAX_SKETCHES, sizeof *k->sketches);
    k->sketch_table = malloc(2 * MAX_SKETCHES * sizeof(uint32_t));
    k->doors = calloc(DOORS / 8, 1);
    k->canon = malloc(MAX_LINE + 4096);
    if (!k->prefixes || !k->prefix_table || !k->paths || !k->path_table || !k->variants || !k->variant_table || !k->interns || !k->intern_table || !k->processes ||
        !k->process_table || !k->sketches || !k->sketch_table || !k->doors || !k->canon) {
        PyErr_NoMemory();
        return -1;
    }
    memset(k->prefix_table, 0xff, 2 * MAX_PREFIXES * sizeof(uint32_t));
    k->prefix_count = 1; /* the first: none */
    memset(k->path_table, 0xff, 2 * MAX_PATHS * sizeof(uint32_t));
    memset(k->variant_table, 0xff, 2 * MAX_VARIANTS * sizeof(uint32_t));
    memset(k->intern_table, 0xff, 2 * MAX_INTERNS * sizeof(uint32_t));
    memset(k->process_table, 0xff, 2 * MAX_PROCESSES * sizeof(uint32_t));
    memset(k->sketch_table, 0xff, 2 * MAX_SKETCHES * sizeof(uint32_t));
    k->paths[0].guess = NONE; /* the root */
    k->path_count = 3;
    return 0;
}

static void dealloc(Kernel *k) {
    PyTypeObject *type = Py_TYPE((PyObject *)k);
    Py_XDECREF(k->tell_path);
    Py_XDECREF(k->identify);
    Py_XDECREF(k->tells);
    Py_XDECREF(k->tell_prefix);
    free(k->prefixes); free(k->prefix_table); free(k->prefix_texts.data);
    free(k->paths); free(k->path_table); free(k->keys.data);
    free(k->variants); free(k->variant_table); free(k->canons.data);
    free(k->interns); free(k->intern_table); free(k->values.data);
    free(k->processes); free(k->process_table); free(k->names.data);
    free(k->sketches); free(k->sketch_table); free(k->doors); free(k->canon); free(k->events); free(k->ids);
    free(k->line_ranks); free(k->order); free(k->signature_start);
    freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);
    release(k);
    Py_DECREF(type);
}

static PyMethodDef methods[] = {
    {"take", (PyCFunction)take, METH_VARARGS, take_doc},
    {"slots", (PyCFunction)slots, METH_VARARGS, slots_doc},
    {"put", (PyCFunction)put, METH_VARARGS, put_doc},
    {"forget", (PyCFunction)forget, METH_NOARGS, "forget()\n\nDrops every variant; their indexes are not used again."},
    {"renew", (PyCFunction)renew, METH_NOARGS, "renew() -> bool\n\nReady for another profile; whether there is room for what another source may bring."},
    {"value", (PyCFunction)value, METH_VARARGS, "value(index) -> (path, value, is_text)"},
    {"cut_details", (PyCFunction)cut_details, METH_NOARGS, "cut_details() -> [(signature, detail)] whose samples left values out."},
    {"process", (PyCFunction)process_name, METH_VARARGS, "process(index) -> pid, a byte 1, host name"},
    {"begin", (PyCFunction)begin, METH_VARARGS, begin_doc},
    {"variants", (PyCFunction)variant_counts, METH_NOARGS, "variants() -> [(variant, lines, bytes)] of the events made ready."},
    {"served", (PyCFunction)served, METH_NOARGS, "served() -> [(signature, service, lines that fail)] of the events made ready, for lines with a carrier."},
    {"failing", (PyCFunction)failing, METH_VARARGS, "failing(first, end) -> [(signature, first time, last time)]"},
    {"histogram", (PyCFunction)histogram, METH_VARARGS, histogram_doc},
    {"signature", (PyCFunction)signature, METH_VARARGS, signature_doc},
    {"key", (PyCFunction)key_sample, METH_VARARGS, key_doc},
    {"events", (PyCFunction)events, METH_VARARGS, events_doc},
    {"near", (PyCFunction)near, METH_VARARGS, near_doc},
    {"drop", (PyCFunction)drop, METH_NOARGS, "drop() -> the smallest variant of the events that are left"},
    {NULL, NULL, 0, NULL}};

static PyType_Slot type_slots[] = {
    {Py_tp_init, (void *)init}, {Py_tp_dealloc, (void *)dealloc}, {Py_tp_methods, methods},
    {Py_tp_new, (void *)PyType_GenericNew},
    {Py_tp_doc, "Kernel(tell_path, identify, tells, tell_prefix, texts)\n\ntell_path(parent, key), identify(path, value, is_text, process),\n"
     "tells(variant, message) and tell_prefix(prefix, as it is known): see learn.py."},
    {0, NULL}};
static PyType_Spec type_spec = {"floodscan.fast._kernel.Kernel", sizeof(Kernel), 0, Py_TPFLAGS_DEFAULT, type_slots};

static int module_exec(PyObject *module) {
    PyObject *type = PyType_FromSpec(&type_spec);
    if (!type) return -1;
    if (PyModule_AddObject(module, "Kernel", type) < 0) { Py_DECREF(type); return -1; }
    return 0;
}

static PyModuleDef_Slot module_slots[] = {{Py_mod_exec, (void *)module_exec}, {0, NULL}};
static PyModuleDef module_def = {PyModuleDef_HEAD_INIT, "_kernel", "The native kernel.", 0, NULL, module_slots, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__kernel(void) { return PyModuleDef_Init(&module_def); }
