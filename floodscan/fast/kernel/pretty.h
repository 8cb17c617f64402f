/* A record of pino-pretty: a head line, and below it its fields, each at four blanks, objects and lists over several lines. */

/* How the time of a head is written. */
enum { OF_JSON, CLOCK, CLOCK_MS, SPACED, SPACED_MS, WITH_T, WITH_T_MS, EPOCH };
/* Which records are taken. */
enum { JSON_ALONE, WITH_DATES, WITHOUT_DATES };
#define FIELD 4 /* blanks before a field; the stack of an error has as many more than its key */
#define MAX_KEY 128
#define ESCAPE '\x1b'

/* Whether a line begins as a head does, and as no carrier: `[12] ` is of concurrently, whatever colours stand in it. */
static int is_head(const char *p, const char *end) {
    return end - p > 12 && *p == '[' && is_digit(p[1]) && is_digit(p[2]) && (p[3] == ':' || is_digit(p[3]));
}

static int is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
static int is_key(char c) { return is_letter(c) || is_digit(c) || c == '_' || c == '-' || c == '.' || c == '$' || c == '@'; }

/* Where a line ends that is no JSON; NULL where it has control characters or is no UTF-8. */
static const char *text_end(const char *p, const char *end) {
    while (p < end) {
        if (end - p >= 8) {
            uint64_t v = load64(p);
            if (!(((v - 0x2020202020202020ull) | v) & 0x8080808080808080ull)) { p += 8; continue; }
        }
        unsigned char c = (unsigned char)*p;
        if (c == '\n') return p;
        if (c < 0x20) return NULL;
        if (c < 0x80) p++;
        else if (!(p = past_wide(p, end))) return NULL;
    }
    return p;
}

/* ---- the head: `[06:11:32.001] ERROR (api/17 on web-1): message` */

/* Past `06:11:32` or `06:11:32.001`; NULL where it is none, or has other digits after it. */
static const char *clock_end(const char *p, const char *end) {
    if (end - p < 9 || two(p) < 0 || p[2] != ':' || two(p + 3) < 0 || p[5] != ':' || two(p + 6) < 0) return NULL;
    if (p[8] != '.') return is_digit(p[8]) ? NULL : p + 8;
    return end - p < 13 || two(p + 9) < 0 || !is_digit(p[11]) || is_digit(p[12]) ? NULL : p + 12;
}

/* Past the zone of a time without a date, which says nothing: ` UTC`, ` +0100`. */
static const char *idle_zone(const char *p, const char *end) {
    if (p >= end || *p != ' ') return p;
    const char *from = ++p;
    if (p < end && is_letter(*p)) {
        while (p < end && p - from < 10 && (is_letter(*p) || is_digit(*p) || *p == '_' || *p == '+' || *p == ':' || *p == '-')) p++;
        return p;
    }
    if (end - p < 5 || (*p != '+' && *p != '-') || two(p + 1) < 0) return NULL;
    p += p[3] == ':' ? 4 : 3;
    return end - p < 2 || two(p) < 0 ? NULL : p + 2;
}

/* Past the zone of a time with a date: it is taken off the time. */
static const char *zone(Kernel *k, const char *p, const char *end) {
    if (p < end && *p == ']') {
        k->time -= k->utc_offset;
        return p;
    }
    if (p < end && *p == ' ') p++;
    if (p < end && *p == 'Z') return p + 1;
    if (end - p >= 3 && (!memcmp(p, "UTC", 3) || !memcmp(p, "GMT", 3))) return p + 3;
    if (end - p < 5 || (*p != '+' && *p != '-') || two(p + 1) < 0) return NULL;
    int sign = *p == '-' ? -1 : 1, hours = two(p + 1);
    p += p[3] == ':' ? 4 : 3;
    if (end - p < 2 || two(p) < 0) return NULL;
    k->time -= sign * (int64_t)(hours * 60 + two(p)) * 60000;
    return p + 2;
}

/* Past the time of a head and its zone, at the closing bracket. */
static const char *head_time(Kernel *k, const char *p, const char *end) {
    const char *from = p;
    char iso[] = "2000-01-01T00:00:00.000Z";
    int dated = end - p > 12 && p[4] == '-' && (p[10] == ' ' || p[10] == 'T');
    if (dated || p[2] == ':') {
        p = clock_end(dated ? p + 11 : p, end);
        if (!p) return NULL;
        int with_ms = p[-4] == '.';
        memcpy(iso + (dated ? 0 : 11), from, p - from);
        iso[10] = 'T';
        if (!iso_time(iso, 24, &k->time)) return NULL;
        if (!dated) k->time %= 86400000;
        k->layout = (dated ? from[10] == 'T' ? WITH_T : SPACED : CLOCK) + with_ms;
    } else { /* milliseconds */
        for (k->time = 0; p < end && p - from < 13 && is_digit(*p); p++) k->time = k->time * 10 + (*p - '0');
        if (p - from != 13 || *from == '0') return NULL;
        k->layout = EPOCH;
    }
    if (!slot(k, k->head_paths[0], from, (uint32_t)(p - from), TIME, 1)) return NULL;
    k->has_time = 1;
    if (k->layout != EPOCH) p = dated ? zone(k, p, end) : idle_zone(p, end);
    return p && p < end && *p == ']' ? p : NULL;
}

/* Past ` (17)`, ` (api/17)`, ` (17 on web-1)`, ` (api/17 on web-1)`. */
static const char *process_end(Kernel *k, const char *p, const char *end) {
    const char *from = p += 2;
    while (p < end && is_key(*p)) p++;
    if (p < end && *p == '/' && p > from) {
        if (p - from > 100) return NULL;
        p++;
    } else p = from;
    k->pid = p;
    while (p < end && is_digit(*p)) p++;
    k->pid_len = (uint32_t)(p - k->pid);
    if (!k->pid_len || k->pid_len > 10 || *k->pid == '0' || !slot(k, k->head_paths[1], k->pid, k->pid_len, PROCESS, 0)) return NULL;
    if (end - p > 4 && !memcmp(p, " on ", 4)) {
        k->host = p += 4;
        while (p < end && is_key(*p)) p++;
        k->host_len = (uint32_t)(p - k->host);
        if (!k->host_len || k->host_len > 255 || !slot(k, k->head_paths[2], k->host, k->host_len, PROCESS, 1)) return NULL;
    }
    return p < end && *p == ')' ? p + 1 : NULL;
}

static int know_head(Kernel *k) {
    static const char *const names[] = {"time", "pid", "hostname", "msg"};
    for (int i = 0; i < 4; i++)
        if (!k->head_paths[i]) {
            uint32_t id = path_of(k, 0, 0, names[i], (uint32_t)strlen(names[i]));
            if (id == NONE) return 0;
            k->head_paths[i] = id;
        }
    return 1;
}

/* Past the head line, at its end. */
static const char *head(Kernel *k, const char *p, const char *end) {
    if (!is_head(p, end) || !know_head(k) || !(p = head_time(k, p + 1, end))) return NULL;
    p++;
    if (end - p < 4 || *p++ != ' ') return NULL;
    const char *level = p;
    if (*p < 'A' || *p > 'Z') return NULL;
    while (p < end && ((*p >= 'A' && *p <= 'Z') || is_digit(*p) || *p == '_')) p++;
    if (p - level < 2 || p - level > 21) return NULL;
    if (end - p > 2 && p[0] == ' ' && p[1] == '(' && !(p = process_end(k, p, end))) return NULL;
    if (end - p < 3 || p[0] != ':' || p[1] != ' ') return NULL;
    const char *said = p + 2;
    p = text_end(said, end);
    if (!p || p == said) return NULL;
    uint32_t len = (uint32_t)(p - said);
    return slot(k, k->head_paths[3], said, len, len > MAX_MASKED ? KEEP : MESSAGE, 1) ? p : NULL;
}

/* ---- the fields */

static const char *lined(Kernel *k, const char *p, const char *end, uint32_t indent, uint32_t parent, int depth);

/* Past a value that begins on a line of so many blanks; `id` is its path, NONE where it is kept as it stands. */
static const char *pretty_value(Kernel *k, const char *p, const char *end, uint32_t indent, uint32_t id, int depth) {
    if (p >= end) return NULL;
    Path *path = id == NONE ? NULL : &k->paths[id];
    if ((*p == '{' || *p == '[') && end - p > 1 && p[1] == '\n')
        return lined(k, p, end, indent, path && path->enter && *p == '{' ? id : NONE, depth + 1);
    if (path && *p == '"') {
        int escaped = 0, how = path->text;
        const char *text = p + 1;
        if (!(p = string_end(text, end, &escaped))) return NULL;
        uint32_t len = (uint32_t)(p - text);
        if (how == TIME || how == PROCESS) return NULL;
        if (how == KEEP || how == MESSAGE || escaped || (how == SAID && len > MAX_MASKED)) return p + 1; /* the head has the message */
        return slot(k, id, text, len, (uint8_t)how, 1) ? p + 1 : NULL;
    }
    if (path && (*p == '-' || is_digit(*p))) {
        int whole, how = path->number;
        const char *number = p;
        if (how == TIME || how == PROCESS || !(p = number_end(p, end, &whole))) return NULL;
        if (how == KEEP || (how == DETAIL && !whole)) return p;
        return slot(k, id, number, (uint32_t)(p - number), (uint8_t)how, whole ? 0 : FRACTION) ? p : NULL;
    }
    return kept(p, end, depth + 1);
}

/* The first character of the line after the line end at p, which has so many blanks before it; NULL where it has not. */
static const char *indented(Kernel *k, const char *p, const char *end, uint32_t indent) {
    if (p >= end || *p != '\n' || (size_t)(end - p) < indent + 2) return NULL;
    p++;
    k->lines++;
    for (uint32_t i = 0; i < indent; i++)
        if (p[i] != ' ') return NULL;
    p += indent;
    return *p > ' ' && *p < 0x7f ? p : NULL;
}

/* Past the lines of an unfolded stack, of which there is one at least, at the end of the last. */
static const char *stack_end(Kernel *k, const char *p, const char *end, uint32_t indent) {
    const char *last = NULL;
    while (p < end && *p == '\n') {
        uint32_t blank = 0;
        const char *line = p + 1;
        while (line + blank < end && line[blank] == ' ') blank++;
        if (blank < indent) break;
        line += blank;
        if (line >= end || *line < '!' || *line > '~' || !(p = last = text_end(line, end))) return NULL;
        k->lines++;
    }
    return last;
}

/* Past an object or a list whose items stand on lines of their own. */
static const char *lined(Kernel *k, const char *p, const char *end, uint32_t indent, uint32_t parent, int depth) {
    char open = *p, close = open == '{' ? '}' : ']';
    uint32_t before = parent;
    if (depth > MAX_DEPTH) return NULL;
    p++;
    for (;;) {
        uint32_t id = NONE;
        if (!(p = indented(k, p, end, indent + 2))) return NULL;
        if (open == '{') {
            int escaped = 0;
            const char *key = p + 1;
            if (*p != '"' || !(p = string_end(key, end, &escaped)) || end - p < 3 || p[1] != ':') return NULL;
            uint32_t len = (uint32_t)(p - key);
            if (parent != NONE) {
                if (escaped || (id = path_of(k, parent, before, key, len)) == NONE) return NULL;
                before = id;
            }
            p += 2;
            if (*p == '\n') { /* an unfolded stack, after which there is no comma */
                if (len != 5 || memcmp(key, "stack", 5) || (id != NONE && k->paths[id].text != KEEP)) return NULL;
                if (!(p = stack_end(k, p, end, indent + 2 + FIELD))) return NULL;
                if ((size_t)(end - p) > indent + 3 && p[indent + 3] == '"' && p[indent + 2] == ' ') continue;
                goto closing;
            }
            if (*p++ != ' ') return NULL;
        }
        if (!(p = pretty_value(k, p, end, indent + 2, id, depth))) return NULL;
        if (p < end && *p == ',') { p++; continue; }
    closing:
        p = indented(k, p, end, indent);
        return p && *p == close ? p + 1 : NULL;
    }
}

static const char *field(Kernel *k, const char *p, const char *end, uint32_t *before) {
    if (end - p < 8 || memcmp(p, "    ", FIELD)) return NULL;
    const char *key = p += FIELD;
    if (!is_letter(*p) && *p != '_' && *p != '$' && *p != '@') return NULL;
    while (p < end && is_key(*p)) p++;
    if (p - key > MAX_KEY || end - p < 3 || p[0] != ':' || p[1] != ' ') return NULL;
    uint32_t id = path_of(k, 0, *before, key, (uint32_t)(p - key));
    if (id == NONE) return NULL;
    *before = id;
    p = pretty_value(k, p + 2, end, FIELD, id, 0);
    return p && (p == end || *p == '\n') ? p : NULL;
}

/* Past a record, at the line after it or at the end: what varies in it is in k->slots. NULL: not for the kernel. */
static const char *walk_pretty(Kernel *k, const char *p, const char *end) {
    const char *from = p;
    k->slot_count = 0;
    k->has_time = 0;
    k->pid = k->host = NULL;
    k->pid_len = k->host_len = 0;
    k->lines = 0;
    for (uint32_t before = NONE;;) {
        if (!k->lines) {
            const char *nl = memchr(p, '\n', end - p);
            p = head(k, p, nl ? nl : end);
            before = k->head_paths[3];
        } else p = field(k, p, end, &before);
        if (!p) return NULL;
        k->lines++;
        if (p < end) p++;
        if (p >= end || *p != ' ') break;
    }
    return memchr(from, 0x7f, p - from) ? NULL : p; /* see is_binary in plausible.py */
}

/* A line of JSON, or a record of pino-pretty. */
static int walk_any(Kernel *k, const char *p, const char *end) {
    return is_head(p, end) ? walk_pretty(k, p, end) == end : walk(k, p, end);
}

/* ---- records in a stream */

static Variant *variant_of(Kernel *k, const char *text, const char *end, int *form, int *state);
static int take_walked(Kernel *k, Variant *v, uint32_t prefix, uint32_t size, int64_t offset, int64_t number);

/* The record at p without colours and carriage returns, in k->clean, and where it ends in the data; NULL: not for the kernel. */
static const char *cleaned(Kernel *k, const char *p, const char *end, const char **stop) {
    char *out = k->clean;
    do {
        const char *nl = memchr(p, '\n', end - p), *mark;
        if (!nl) return NULL;
        const char *line_end = nl > p && nl[-1] == '\r' ? nl - 1 : nl;
        while ((mark = memchr(p, ESCAPE, line_end - p))) {
            memcpy(out, p, mark - p);
            out += mark - p;
            p = mark + 1;
            if (*p++ != '[') return NULL;
            while (p < line_end && (is_digit(*p) || *p == ';')) p++;
            if (p >= line_end || *p++ != 'm') return NULL;
        }
        memcpy(out, p, line_end - p);
        out += line_end - p;
        *out++ = '\n';
        p = nl + 1;
    } while (p < end && *p == ' ');
    *stop = p;
    return out;
}

/* Whether the record at p goes on to the end of the data, as far as can be seen. */
static int is_cut_short(const char *p, const char *end) {
    for (;;) {
        const char *nl = memchr(p, '\n', end - p);
        if (!nl || nl + 1 == end) return 1;
        p = nl + 1;
        if (*p != ' ') return 0;
    }
}

/* What a record of pino-pretty comes to whose lines are followed by p: TAKEN where it is certain to end there. */
static int ends_at(Kernel *k, const char *p, const char *end) {
    for (;;) {
        const char *nl = memchr(p, '\n', end - p), *seen = p;
        if (!nl) return WANTING;
        if (nl - p > MAX_LINE) return REFUSED; /* a line that is too long is none, and ends nothing */
        while (seen < nl && (*seen == ' ' || *seen == '\t' || *seen == '\r')) seen++;
        if (seen < nl && seen > p) return REFUSED;
        if (seen < nl && is_head(p, nl)) {
            for (; p < nl; p++)
                if ((unsigned char)*p < 0x20 ? *p != ESCAPE && *p != '\t' && *p != '\r' : *p == 0x7f) return REFUSED;
            return TAKEN;
        }
        if (seen < nl) {
            PyObject *told = PyObject_CallFunction(k->begins, "y#i", p, (Py_ssize_t)(nl - p), k->lines == 1);
            int begins = told ? PyObject_IsTrue(told) : -1;
            Py_XDECREF(told);
            if (begins < 0) k->failed = 1;
            return begins == 1 ? TAKEN : REFUSED;
        }
        p = nl + 1; /* a blank line: part of the record if what comes after it is */
    }
}

static int take_pretty(Kernel *k, const char *p, const char *nl, const char *end, int64_t offset, int64_t number,
                       int mode, const char **next) {
    const char *limit = end - p > MAX_LINE ? p + MAX_LINE : end, *text = p, *stop, *text_stop;
    if (memchr(p, ESCAPE, nl - p) || (nl > p && nl[-1] == '\r')) {
        text_stop = cleaned(k, p, limit, &stop);
        text = k->clean;
        if (text_stop && walk_pretty(k, text, text_stop) != text_stop) text_stop = NULL;
    } else
        stop = text_stop = walk_pretty(k, p, limit);
    if (k->failed) return REFUSED;
    if (!text_stop || stop >= limit) return limit == end && is_cut_short(p, end) ? WANTING : REFUSED;
    if (!k->time || (mode == WITHOUT_DATES) != (k->layout <= CLOCK_MS)) return REFUSED; /* a time of 0 stands for none */
    int state = ends_at(k, stop, end);
    if (state == WANTING && limit < end) state = REFUSED;
    *next = stop;
    if (state != TAKEN) return state;
    int form;
    Variant *v = variant_of(k, text, text_stop - 1, &form, &state);
    return v ? take_walked(k, v, 0, (uint32_t)(stop - p), offset, number) : state;
}

/* ---- a clock without dates */

PyDoc_STRVAR(settle_doc,
"settle(before, last, passed) -> (last, passed)\n\n"
"The events before an offset get the days that have passed, as `Clock` in stream.py has it, from and to whose state it goes;\n"
"last: -1 where there is none.");

static PyObject *settle(Kernel *k, PyObject *args) {
    const int64_t day = 86400000;
    long long before, last, passed;
    if (!PyArg_ParseTuple(args, "LLL", &before, &last, &passed)) return NULL;
    for (; k->settled < k->event_count && k->events[k->settled].offset < before; k->settled++) {
        Event *e = &k->events[k->settled];
        int64_t ms = e->time, step = ms - last;
        int of_year = last >= day || ms >= day;
        int64_t turn = of_year ? 366 * day : day, backward = of_year ? 180 * day : day / 2;
        if (last >= 0) {
            if (step < -backward) passed += turn;
            else if (passed && step > turn - 2 * 3600000) {
                e->time = ms + passed - turn; /* a late line from before the turn */
                continue;
            }
        }
        last = ms;
        e->time = ms + passed;
    }
    return Py_BuildValue("LL", last, passed);
}
