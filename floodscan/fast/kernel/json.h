/* JSON: where a value ends. */

/* Past a character of UTF-8 beyond ASCII; NULL where it is none. */
static const char *past_wide(const char *p, const char *end) {
    unsigned char c = (unsigned char)*p;
    int more = c >= 0xc2 && c <= 0xdf ? 1 : c >= 0xe0 && c <= 0xef ? 2 : c >= 0xf0 && c <= 0xf4 ? 3 : 0;
    if (!more || end - p <= more) return NULL;
    unsigned char d = (unsigned char)p[1];
    if ((c == 0xe0 && d < 0xa0) || (c == 0xed && d > 0x9f) || (c == 0xf0 && d < 0x90) || (c == 0xf4 && d > 0x8f)) return NULL;
    for (int j = 1; j <= more; j++)
        if (((unsigned char)p[j] & 0xc0) != 0x80) return NULL;
    return p + more + 1;
}

/* The closing quote of the string whose first byte is p; NULL where it has none or is no valid JSON. */
static const char *string_end(const char *p, const char *end, int *escaped) {
    for (;;) {
#ifdef __SSE2__
        while (end - p >= 16) {
            __m128i v = _mm_loadu_si128((const __m128i *)p);
            __m128i hit = _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('"')), _mm_cmpeq_epi8(v, _mm_set1_epi8('\\')));
            int bits = _mm_movemask_epi8(_mm_or_si128(hit, _mm_cmplt_epi8(v, _mm_set1_epi8(0x20)))); /* as signed: from 0x80 on too */
            if (bits) { p += __builtin_ctz((unsigned)bits); break; }
            p += 16;
        }
#endif
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
            } else if (!(p = past_wide(p, end))) {
                return NULL;
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
