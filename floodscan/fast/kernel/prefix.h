/* What a carrier puts before a line of JSON. */

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
