/* A line is walked: its paths, what varies in it, and its masks. */

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

/* Milliseconds since 1970, as a number of a plausible length. */
static int number_time(const char *p, uint32_t len, int64_t *out) {
    if (len < 12 || len > 14 || *p == '-') return 0;
    *out = 0;
    for (const char *end = p + len; p < end; p++) *out = *out * 10 + (*p - '0');
    return 1;
}

static int is_pid(const char *p) { return *p != '-' && *p != '0'; }

static int may_be_slot(const char *p, uint32_t len, int is_text) {
    if (is_text == 1 && len == 20 && !memcmp(p, "__REALTIME_TIMESTAMP", 20)) return 0; /* see may_be_wrapped in frame.py */
    return is_text || len != 2 || p[0] != '-' || p[1] != '0'; /* Python's is 0 */
}

static int slot(Kernel *k, uint32_t path, const char *p, uint32_t len, uint8_t policy, int is_text) {
    if (k->slot_count >= MAX_SLOTS || !may_be_slot(p, len, is_text)) return 0;
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
                if (k->has_time || !whole || !number_time(number, len, &k->time) || !slot(k, id, number, len, TIME, 0)) return NULL;
                k->has_time = 1;
                break;
            case PROCESS:
                if (!whole || !is_pid(number) || k->pid || !slot(k, id, number, len, PROCESS, 0)) return NULL;
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
    k->has_time = k->layout = 0;
    k->pid = k->host = NULL;
    k->pid_len = k->host_len = 0;
    if (end - p < 2 || end - p > MAX_LINE || *p != '{' || end[-1] != '}') return 0;
    if (end - p >= 7 && !memcmp(p, "{\"log\":", 7)) return 0;
    return object(k, p, end, 0, 0) == end && k->has_time;
}

/* What a byte may be: tables, for branches on random digits are guessed wrongly. */
static const uint8_t HEX[256] = {
    ['0'] = 1, ['1'] = 1, ['2'] = 1, ['3'] = 1, ['4'] = 1, ['5'] = 1, ['6'] = 1, ['7'] = 1, ['8'] = 1, ['9'] = 1, ['a'] = 1, ['b'] = 1,
    ['c'] = 1, ['d'] = 1, ['e'] = 1, ['f'] = 1, ['A'] = 1, ['B'] = 1, ['C'] = 1, ['D'] = 1, ['E'] = 1, ['F'] = 1};

static int is_word(unsigned char c) { return c == '_' || is_digit((char)c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c >= 0x80; }

static int is_uuid(const char *p) {
    if (p[8] != '-' || p[13] != '-' || p[18] != '-' || p[23] != '-') return 0;
    int digits = 0;
    for (int i = 0; i < 36; i++) digits += HEX[(unsigned char)p[i]];
    return digits == 32;
}

static char *without_digits(const char *restrict p, const char *end, char *restrict out) {
    size_t n = end - p;
    for (size_t i = 0; i < n; i++) out[i] = is_digit(p[i]) ? '0' : p[i];
    return out + n;
}

/* The message with zeros for its digits and UUIDs, as shape.py takes it. */
static char *masked(const char *p, uint32_t n, char *out) {
    const char *end = p + n, *start = p, *dash;
    int plain = 1; /* what a word is beyond ASCII is left to Python: there UUIDs keep their letters */
    while ((dash = memchr(p, '-', end - p))) {
        if (p == start)
            for (const char *c = p; c < end; c++) plain &= (unsigned char)*c < 0x80;
        const char *uuid = dash - 8;
        if (plain && uuid >= p && end - uuid >= 36 && is_uuid(uuid) && (uuid == start || !is_word((unsigned char)uuid[-1])) &&
            (end - uuid == 36 || !is_word((unsigned char)uuid[36]))) {
            out = without_digits(p, uuid, out);
            memcpy(out, "00000000-0000-0000-0000-000000000000", 36);
            out += 36;
            p = uuid + 36;
        } else {
            out = without_digits(p, dash + 1, out);
            p = dash + 1;
        }
    }
    return without_digits(p, end, out);
}
